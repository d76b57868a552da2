//! A version as a tag. A tag may not have the `+` of a version: `_` stands for it, which no version has.

use semver::Version;

/// The tag under which a version lies.
#[must_use]
pub fn tag_of(version: &Version) -> String {
    version.to_string().replace('+', "_")
}

/// The version that lies under a tag; none when the tag is no version.
#[must_use]
pub fn version_of(tag: &str) -> Option<Version> {
    tag.replace('_', "+").parse().ok()
}
