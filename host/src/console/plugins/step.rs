//! What an administrator does next with a plugin, who else is asked beside it then, and which release it would go back to.

use serde::Serialize;

use super::super::Console;
use super::super::text::Language;
use super::super::visitor::Visitor;
use super::change::{Change, version_of};
use crate::kernel::id::ReleaseId;
use crate::plugin::state::Event;
use crate::plugin::{self, Beside, PluginPage, ReleaseCard};
use crate::web::Problem;

/// What is next.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    /// A release that was made and never took part.
    waiting: Option<Other>,
    /// At which of its hooks other plugins are asked as well.
    beside: Vec<Beside>,
    /// The version of a package that no release is made of.
    unreleased: Option<String>,
}

/// A release beside the active one.
#[derive(Debug, Serialize)]
pub(super) struct Other {
    id: String,
    number: i64,
    version: String,
    /// What it changes; none when no release takes part.
    change: Option<Change>,
}

impl Other {
    pub(super) fn of(page: &PluginPage, release: &ReleaseCard, language: Language) -> Self {
        let active = page.card.active.as_ref();
        Self {
            id: release.id.to_string(),
            number: release.number,
            version: version_of(release, &page.packages),
            change: active.map(|active| Change::between(active, release, &page.packages, &page.manifest, language)),
        }
    }
}

impl Step {
    pub(super) fn of(page: &PluginPage, beside: Vec<Beside>, language: Language) -> Self {
        let package = page.packages.first().filter(|package| page.releases.iter().all(|one| one.package != package.digest));
        Self {
            waiting: waiting(page).map(|release| Other::of(page, release, language)),
            beside,
            unreleased: package.map(|package| package.version.clone()),
        }
    }
}

/// A release that was made and never took part, if it is the newest.
pub(super) fn waiting(page: &PluginPage) -> Option<&ReleaseCard> {
    let took_part = |id: ReleaseId| {
        let activation = |event: Event| matches!(event, Event::Activate | Event::RollBack);
        page.history.iter().any(|turn| turn.release == Some(id) && activation(turn.event))
    };
    // One that took part and was gone back from is not proposed again.
    page.releases.first().filter(|newest| !took_part(newest.id) && is_above(newest, page.card.active.as_ref()))
}

fn is_above(one: &ReleaseCard, other: Option<&ReleaseCard>) -> bool {
    other.is_none_or(|other| one.number > other.number)
}

/// The hooks of a release at which other plugins would be asked as well if it took part now.
pub(super) async fn beside(console: &Console, visitor: &Visitor, name: &str, release: ReleaseId) -> Result<Vec<Beside>, Problem> {
    let mut hooks = plugin::beside(&console.ctx, visitor.actor(), name, release).await?;
    hooks.retain(Beside::has_others);
    Ok(hooks)
}

/// The release that going back leads to: the last one that took part before the one that does.
pub(super) fn before(page: &PluginPage) -> Option<&ReleaseCard> {
    let active = page.card.active.as_ref()?.id;
    let activations = page.history.iter().filter(|turn| matches!(turn.event, Event::Activate | Event::RollBack));
    let id = activations.filter_map(|turn| turn.release).find(|id| *id != active)?;
    page.releases.iter().find(|release| release.id == id)
}

/// What the buttons of a page speak of, in one word: where the plugin stands, which release takes part, which one it would go back to.
/// A form that was made for another word is looked at again.
pub(super) fn standing(page: &PluginPage) -> String {
    let id = |release: Option<&ReleaseCard>| release.map_or_else(|| "none".to_owned(), |release| release.id.to_string());
    format!("{}.{}.{}", page.card.state, id(page.card.active.as_ref()), id(before(page)))
}
