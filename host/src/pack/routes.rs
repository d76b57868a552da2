//! `/v1/packs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use serde::Serialize;

use super::Pack;
use crate::kernel::Ctx;
use crate::web::{Caller, Page, Problem, Route};

/// The packs that this server works with.
#[derive(Debug, Clone)]
pub struct Shelf(pub Arc<[Arc<Pack>]>);

/// A pack in the list.
#[derive(Debug, Serialize)]
struct Card {
    id: String,
    version: String,
    /// SHA-256 of its files.
    sha256: String,
    /// By language.
    title: BTreeMap<String, String>,
    /// ISO 3166-1 alpha-2; `*` for every country.
    jurisdiction: String,
    /// `export`, `import` or `any`.
    direction: String,
    rules: usize,
    documents: usize,
}

/// The operations.
pub fn routes<S>() -> Vec<Route<S>>
where
    S: Clone + Send + Sync + 'static,
    Ctx: FromRef<S>,
    Shelf: FromRef<S>,
{
    vec![Route::get("/v1/packs", list)]
}

async fn list(Caller(_): Caller, State(Shelf(packs)): State<Shelf>) -> Result<Json<Page<Card>>, Problem> {
    Ok(Json(Page { items: packs.iter().map(|pack| card(pack)).collect(), next: None }))
}

fn card(pack: &Pack) -> Card {
    let contents = pack.contents();
    Card {
        id: pack.id().to_owned(),
        version: pack.version().to_owned(),
        sha256: pack.digest().to_owned(),
        title: contents.manifest.title.clone(),
        jurisdiction: contents.manifest.jurisdiction.clone(),
        direction: super::word(contents.manifest.direction),
        rules: contents.rules.len(),
        documents: contents.documents.len(),
    }
}
