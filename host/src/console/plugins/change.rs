//! What another release would change: said before anybody presses the button.

use std::collections::BTreeSet;
use std::collections::btree_set::Difference;

use serde::Serialize;

use super::super::text::Language;
use super::pick;
use crate::plugin::manifest::{GrantName, Manifest, SettingKind};
use crate::plugin::{PackageCard, ReleaseCard};

/// What differs between the release that takes part and another one.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    version: Option<Pair>,
    settings: Vec<Differs>,
    given: Vec<&'static str>,
    taken: Vec<&'static str>,
    /// Whether the other one has secrets: nobody can see whether they are the same.
    secrets: bool,
    /// Whether nothing else is told apart.
    nothing: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Pair {
    from: String,
    to: String,
}

/// A setting with its values; none where it is not filled in.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Differs {
    title: String,
    /// `yes` and `no` are said in the reader's language.
    boolean: bool,
    from: Option<String>,
    to: Option<String>,
}

/// The version of the package of a release; the beginning of its digest when the package is not in the list.
pub(super) fn version_of(release: &ReleaseCard, packages: &[PackageCard]) -> String {
    let package = packages.iter().find(|package| package.digest == release.package);
    package.map_or_else(|| release.package.chars().take(12).collect(), |package| package.version.clone())
}

impl Change {
    /// The manifest gives the settings their names; one that it does not know keeps its key.
    pub(super) fn between(
        one: &ReleaseCard,
        other: &ReleaseCard,
        packages: &[PackageCard],
        manifest: &Manifest,
        language: Language,
    ) -> Self {
        let (from, to) = (version_of(one, packages), version_of(other, packages));
        // In the order of the form; what the manifest does not know comes last.
        let known = manifest.config.iter().map(|setting| &setting.key);
        let unknown =
            one.settings.keys().chain(other.settings.keys()).filter(|key| manifest.config.iter().all(|one| one.key != **key));
        let unknown: BTreeSet<&String> = unknown.collect();
        let keys = known.chain(unknown);
        let differs = |key: &&String| one.settings.get(*key) != other.settings.get(*key);
        let settings = keys.filter(differs).map(|key| {
            let known = manifest.config.iter().find(|setting| setting.key == *key);
            Differs {
                title: known.map_or_else(|| key.clone(), |setting| pick(&setting.title, language)),
                boolean: known.is_some_and(|setting| setting.kind == SettingKind::Boolean),
                from: one.settings.get(key).cloned(),
                to: other.settings.get(key).cloned(),
            }
        });
        let words = |grants: Difference<'_, GrantName>| grants.map(|grant| grant.as_str()).collect();
        let change = Self {
            version: (one.package != other.package).then_some(Pair { from, to }),
            settings: settings.collect(),
            given: words(other.grants.difference(&one.grants)),
            taken: words(one.grants.difference(&other.grants)),
            secrets: !other.secrets.is_empty(),
            nothing: false,
        };
        let nothing = Self { secrets: change.secrets, ..Self::default() } == change;
        Self { nothing, ..change }
    }
}
