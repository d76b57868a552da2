//! Why a package is not taken: one variant and one stable code for each reason.

use std::fmt;

use semver::Version;

use crate::kernel::time::Instant;

/// What a digest in a statement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The package's OCI manifest, and with it every layer.
    Package,
    /// The component.
    Component,
    /// plugin.toml.
    PluginManifest,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Package => "package manifest",
            Self::Component => "component",
            Self::PluginManifest => "plugin.toml",
        })
    }
}

/// Why a package is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody has signed.
    #[error("the package has no signature: sign it with `roro plugin sign`, or ask its author for a signed one")]
    Unsigned,
    /// An envelope or its statement cannot be read.
    #[error("the signature cannot be read, {reason}: sign the package again")]
    Malformed {
        /// What is wrong, without a word of the envelope itself.
        reason: String,
    },
    /// Only keys that are not trusted have signed.
    #[error("the package is signed by no trusted key, only by {}: trust that key if you know whose it is, or ask for a signature by a key you trust", list(.key_ids))]
    UntrustedKey {
        /// The key ids that the signatures name. Nobody has proven them.
        key_ids: Vec<String>,
    },
    /// A signature names a trusted key and does not fit: the statement was changed, or the name is false.
    #[error(
        "the signature in the name of {signer} ({key_id}) does not fit its statement: fetch the package again, and do not use it if that stays"
    )]
    BadSignature {
        /// Whose key the signature names.
        signer: String,
        /// The key's id.
        key_id: String,
    },
    /// The statement is about something else.
    #[error("{signer} has signed {signed}, not {expected}: fetch the signature that belongs to this package")]
    OtherPackage {
        /// Who has signed.
        signer: String,
        /// What the statement is about.
        signed: String,
        /// What the package is.
        expected: String,
    },
    /// The statement is about this package with other content.
    #[error("the {part} is not the one that {signer} has signed: fetch the package again, and do not use it if that stays")]
    Tampered {
        /// Who has signed.
        signer: String,
        /// What differs.
        part: Part,
    },
    /// The statement counts no more.
    #[error("the signature of {signer} counted until {not_after}: ask for a new one")]
    Expired {
        /// Who has signed.
        signer: String,
        /// The last moment at which the statement counted.
        not_after: Instant,
    },
    /// The statement was made for others.
    #[error("the signature of {signer} counts for {}, not for {}: ask for one that names you", list(.audience), list(.we))]
    WrongAudience {
        /// Who has signed.
        signer: String,
        /// For whom the statement counts.
        audience: Vec<String>,
        /// Who we are.
        we: Vec<String>,
    },
    /// The version is older than the active one.
    #[error(
        "version {candidate} is older than the active version {active}: install a newer one, or go back with `roro plugin rollback`"
    )]
    Downgraded {
        /// What is active.
        active: Version,
        /// What was offered.
        candidate: Version,
    },
}

impl Refused {
    /// The stable code of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Malformed { .. } => "malformed",
            Self::UntrustedKey { .. } => "untrusted-key",
            Self::BadSignature { .. } => "bad-signature",
            Self::OtherPackage { .. } => "other-package",
            Self::Tampered { .. } => "tampered",
            Self::Expired { .. } => "expired",
            Self::WrongAudience { .. } => "wrong-audience",
            Self::Downgraded { .. } => "downgraded",
        }
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
