//! What this process knows of plugins: what runs components, whose signatures the operator trusts, and which packages it has verified.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::component::Components;
use super::error::Error;
use super::signature::{self, KeyError, Refused, Subject, Trusted, Verified};
use super::table::PackageRow;
use super::{package, trust};
use crate::access::Actor;
use crate::config;
use crate::kernel::Ctx;
use crate::kernel::db::Scope;
use crate::kernel::id::TenantId;
use crate::kernel::time::Instant;
use crate::tenant;

/// Whose the keys of the settings are: what stands as signer where another firm's name would.
pub const OPERATOR: &str = "the operator of this installation";
/// The most verdicts that are remembered.
const VERDICTS_MAX: u64 = 100_000;

/// A package of a tenant under a set of keys.
type Question = (TenantId, String, String);

/// Plugins of this process. Clones share what is known.
#[derive(Clone)]
pub struct Shelf {
    components: Arc<dyn Components>,
    operator: Arc<[Trusted]>,
    installation: Arc<str>,
    /// Until when a package counts, once it has been verified with these keys.
    verdicts: moka::sync::Cache<Question, Instant>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "plugin::Shelf({}, {} keys)", self.installation, self.operator.len())
    }
}

/// Who vouches for a package, or that nobody needs to: the tenant is in development mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Signed(Verified),
    Development,
}

impl Shelf {
    /// A shelf on what runs components, with the keys that count for every tenant and what signatures may call this installation.
    ///
    /// # Errors
    /// When a key of the settings cannot be read.
    pub fn new(components: Arc<dyn Components>, settings: &config::Plugins) -> Result<Self, KeyError> {
        let trusted = |key: &String| Ok(Trusted { key: key.parse()?, name: OPERATOR.to_owned() });
        Ok(Self {
            components,
            operator: settings.trusted_keys.iter().map(trusted).collect::<Result<_, KeyError>>()?,
            installation: settings.installation.as_str().into(),
            verdicts: moka::sync::Cache::new(VERDICTS_MAX),
        })
    }

    pub(super) fn components(&self) -> &Arc<dyn Components> {
        &self.components
    }

    /// Every key that counts for a tenant.
    pub(super) async fn trusted(&self, scope: &Scope) -> Result<Vec<Trusted>, Error> {
        let mut all = self.operator.to_vec();
        all.extend(trust::trusted(scope).await?);
        Ok(all)
    }

    /// Whether a package may be taken by a tenant: the signature of a trusted key, or development mode and no signature at all.
    pub(super) async fn verify(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        envelopes: &[impl AsRef<[u8]>],
        subject: &Subject,
        trusted: &[Trusted],
    ) -> Result<Verdict, Error> {
        let card = tenant::find(ctx, tenant).await?.ok_or(Error::Unknown("firm"))?;
        let (to_tenant, to_installation) = (format!("tenant:{}", card.handle), format!("installation:{}", self.installation));
        match signature::verify(envelopes, subject, trusted, &[&to_tenant, &to_installation], ctx.now()) {
            Ok(verified) => Ok(Verdict::Signed(verified)),
            Err(Refused::Unsigned) if card.development => Ok(Verdict::Development),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Whether a stored package still may be taken. A verdict is remembered as long as the same keys count and the signature lasts.
    pub(super) async fn still(&self, ctx: &Ctx, row: &PackageRow, trusted: &[Trusted]) -> Result<(), Error> {
        let keys: String = trusted.iter().map(|one| one.key.id()).collect();
        let question = (row.tenant, row.digest.clone(), keys);
        let now = ctx.now();
        if self.verdicts.get(&question).is_some_and(|until| now <= until) {
            return Ok(());
        }
        let written: Vec<String> = serde_json::from_str(&row.envelopes)?;
        let envelopes: Vec<Vec<u8>> = written.iter().filter_map(|text| STANDARD.decode(text).ok()).collect();
        let verdict = self.verify(ctx, row.tenant, &envelopes, &subject(row)?, trusted).await?;
        if let Verdict::Signed(verified) = verdict {
            self.verdicts.insert(question, verified.not_after);
        }
        Ok(())
    }

    /// Makes the component of a stored package ready to run.
    pub(super) async fn load(&self, ctx: &Ctx, actor: &Actor, row: &PackageRow) -> Result<(), Error> {
        if self.components.is_loaded(&row.component) {
            return Ok(());
        }
        let archive = ctx.objects.get(actor.tenant().id(), &row.archive).await?;
        let (components, plugin, version) = (Arc::clone(&self.components), row.plugin.clone(), row.version.clone());
        let (digest, expected) = (row.digest.clone(), row.component.clone());
        let loaded = tokio::task::spawn_blocking(move || {
            let stored = package::read_archive(&archive, None)?;
            let bytes = stored.package.component.filter(|_| stored.manifest_digest == digest).ok_or(Error::Damaged)?;
            let facts = components.load(&plugin, &version.parse().map_err(|_| Error::Damaged)?, &bytes)?;
            if facts.digest == expected { Ok(()) } else { Err(Error::Damaged) }
        });
        loaded.await.map_err(|_| Error::Damaged)?
    }
}

/// What a signature of a stored package must be about.
fn subject(row: &PackageRow) -> Result<Subject, Error> {
    Ok(Subject {
        id: row.plugin.clone(),
        version: row.version.parse().map_err(|_| Error::Damaged)?,
        manifest_digest: row.digest.clone(),
        component_digest: Some(row.component.clone()),
        plugin_manifest_digest: row.manifest_digest.clone(),
    })
}
