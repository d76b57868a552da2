//! What can go wrong with a registry, each with its place and the fix.

use semver::Version;

use crate::plugin::package;

/// Why a package cannot be pushed or pulled. What a registry has said of itself stands in it on one line, and short.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No reference.
    #[error("`{text}` names no place in a registry: {fix}")]
    Reference {
        /// What was written.
        text: String,
        /// What to write.
        fix: &'static str,
    },
    /// Nothing says which package of the repository.
    #[error("{repository} is a repository: say which version, {}", listed(.tags))]
    NoTarget {
        /// The repository.
        repository: String,
        /// The tags that are there.
        tags: Vec<String>,
    },
    /// A push under a tag that is not the version.
    #[error("the package is version {version}, and the tag is `{tag}`: leave the tag out; the version becomes the tag")]
    TagNotVersion {
        /// The tag.
        tag: String,
        /// The package's version.
        version: Version,
    },
    /// A push under a digest.
    #[error("a package is not published under a digest: leave out what stands from @ on")]
    TargetIsDigest,
    /// The version is there, with other content.
    #[error(
        "{place} is there already with other content (sha256 {there}, not {ours}): a version never changes, so raise the version in \
         plugin.toml and pack again"
    )]
    OtherContent {
        /// The reference.
        place: String,
        /// The digest that is there.
        there: String,
        /// The digest of what should be pushed.
        ours: String,
    },
    /// The name of the host has no address.
    #[error("there is no host `{host}`: check the spelling of the registry")]
    Unresolved {
        /// The host.
        host: String,
    },
    /// No connection, or one that broke.
    #[error(
        "{host} cannot be reached, or its certificate is not trusted: check that the registry runs there and speaks {speaks}"
    )]
    Unreachable {
        /// The host.
        host: String,
        /// The protocol.
        speaks: &'static str,
    },
    /// Too slow.
    #[error("{host} did not answer in time: try again, and look at the registry if that stays")]
    TimedOut {
        /// The host.
        host: String,
    },
    /// The registry leads to plain HTTP.
    #[error("{host} leads on to {to} without TLS: have its operator use https:// there")]
    Insecure {
        /// The registry.
        host: String,
        /// Where it leads.
        to: String,
    },
    /// The registry leads into a network that is not allowed.
    #[error(
        "{host} leads on into a network that is not public: ask the operator of this installation to allow it in \
         outbound.networks_allowed"
    )]
    Private {
        /// The registry.
        host: String,
    },
    /// This process cannot make requests at all.
    #[error("no request can be made: install the certificates of the system's authorities (ca-certificates) and start again")]
    Unavailable,
    /// A login is needed.
    #[error(
        "{repository} is not open to everyone: name a user and a password (--username with --password-stdin, or \
         RORO_REGISTRY_USERNAME and RORO_REGISTRY_PASSWORD; in the settings, username and password_file)"
    )]
    LoginNeeded {
        /// The repository.
        repository: String,
    },
    /// The login does not hold.
    #[error("{host} does not take this user and password: check both, and whether a token of the registry is needed instead")]
    LoginRefused {
        /// Who refuses.
        host: String,
    },
    /// The password of the settings cannot be read.
    #[error(
        "the password for {host} cannot be read: name as password_file in the settings a file that is there and that the server may read"
    )]
    Password {
        /// The registry.
        host: String,
    },
    /// The user may not.
    #[error("the registry does not allow to {what} {repository}: ask its operator for that right, or use another user")]
    Denied {
        /// `read` or `write to`.
        what: &'static str,
        /// The repository.
        repository: String,
    },
    /// The tag is not there.
    #[error("{repository} has no `{tag}`: {}", listed(.tags))]
    NoTag {
        /// The repository.
        repository: String,
        /// The tag.
        tag: String,
        /// The tags that are there.
        tags: Vec<String>,
    },
    /// The digest is not there.
    #[error("{repository} has no package with the digest sha256:{digest}: check the digest, or pull by version")]
    NoDigest {
        /// The repository.
        repository: String,
        /// The digest.
        digest: String,
    },
    /// A blob that the manifest names is not there.
    #[error("{what} ({digest}) is missing in {repository}: have its author publish the package again")]
    BlobMissing {
        /// What it is.
        what: String,
        /// Its digest.
        digest: String,
        /// The repository.
        repository: String,
    },
    /// What the registry hands out is not what was asked for.
    #[error(
        "{what} from {repository} has the digest {found}, not {expected}: it was changed in the registry or on the way; do not use it, \
         and tell the registry's operator"
    )]
    Digest {
        /// What it is.
        what: String,
        /// The repository.
        repository: String,
        /// The digest that was asked for.
        expected: String,
        /// The digest that it has.
        found: String,
    },
    /// More bytes than there may be.
    #[error("{what} from {host} has more than {bytes_max} bytes: this is no plugin package, or the registry is broken")]
    TooLarge {
        /// What is too large.
        what: String,
        /// Who sends it.
        host: String,
        /// How large it may be.
        bytes_max: u64,
    },
    /// The registry takes no blob of this size.
    #[error("{host} does not take {what} of {bytes} bytes: have its operator raise the limit, or leave out what is not needed")]
    Refuses {
        /// Who refuses.
        host: String,
        /// What it is.
        what: String,
        /// Its size.
        bytes: u64,
    },
    /// Asked too often.
    #[error("{host} asks to wait: try again in some minutes")]
    Busy {
        /// Who asks.
        host: String,
    },
    /// An answer that the specification does not have here.
    #[error("{host} answered {status} to {what}{said}: check that it is an OCI registry and that the repository is right")]
    Answer {
        /// Who answered.
        host: String,
        /// What was asked for.
        what: String,
        /// The HTTP status.
        status: u16,
        /// What it said, with what leads there.
        said: String,
    },
    /// What it holds is no package, or a damaged one.
    #[error("{place}: {source}")]
    Package {
        /// The reference.
        place: String,
        /// What is wrong.
        source: package::Error,
    },
    /// What it holds is no plugin that this program understands.
    #[error("{place}: {}", .wrong.join("; "))]
    Unfit {
        /// The reference.
        place: String,
        /// Everything that is wrong.
        wrong: Vec<String>,
    },
}

impl Error {
    /// A stable word, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Reference { .. } | Self::NoTarget { .. } | Self::TagNotVersion { .. } | Self::TargetIsDigest => "reference",
            Self::OtherContent { .. } => "other-content",
            Self::Unresolved { .. } => "unresolved",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed-out",
            Self::Insecure { .. } => "insecure",
            Self::Private { .. } => "address-refused",
            Self::Unavailable => "unavailable",
            Self::LoginNeeded { .. } => "login-needed",
            Self::LoginRefused { .. } => "login-refused",
            Self::Password { .. } => "password-unreadable",
            Self::Denied { .. } => "denied",
            Self::NoTag { .. } | Self::NoDigest { .. } => "not-there",
            Self::BlobMissing { .. } => "blob-missing",
            Self::Digest { .. } => "digest-mismatch",
            Self::TooLarge { .. } => "too-large",
            Self::Refuses { .. } => "size-refused",
            Self::Busy { .. } => "busy",
            Self::Answer { .. } => "unexpected-answer",
            Self::Package { .. } | Self::Unfit { .. } => "no-package",
        }
    }

    /// Whether it is the doing of the machine, the network or the registry, and not of who asks.
    #[must_use]
    pub const fn is_of_the_way(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Unavailable | Self::Busy { .. } | Self::Answer { .. }
        )
    }
}

/// How many tags an error lists.
const TAGS_SHOWN_MAX: usize = 8;

/// The tags that are there, in a sentence.
fn listed(tags: &[String]) -> String {
    let shown = tags.iter().take(TAGS_SHOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match tags.len() {
        0 => "there is none yet; publish one first, or check the name of the repository".to_owned(),
        count if count > TAGS_SHOWN_MAX => format!("there are {shown} and {} more", count - TAGS_SHOWN_MAX),
        1 => format!("there is {shown}"),
        _ => format!("there are {shown}"),
    }
}
