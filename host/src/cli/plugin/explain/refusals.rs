//! Why packages are not taken, in the order of the signature's list.

use super::{Kind, Text};

const fn text(code: &'static str, means: &'static str, todo: &'static str) -> Text {
    Text { code, kind: Kind::Refusal, means, todo }
}

pub(super) const TEXTS: &[Text] = &[
    text(
        "unsigned",
        "Nobody has signed the package.",
        "\
Sign it, or ask its author for a signed one. Only tenants in development mode take unsigned packages.

roro plugin sign FILE --key KEYFILE",
    ),
    text(
        "malformed",
        "A signature is there, and it or its statement cannot be read.",
        "Sign the package again with this version of roro, or fetch it again.",
    ),
    text(
        "untrusted-key",
        "The package is signed, by keys that nobody here trusts.",
        "\
Ask the signer for the public key over another way than the package came, compare it, and trust it; or ask for a signature by a key that you
trust. The key id alone proves nothing.

roro plugin verify FILE --trust PUBLICKEY",
    ),
    text(
        "bad-signature",
        "A signature names a trusted key and does not fit: what was signed was changed, or the name is false.",
        "Fetch the package again from its source. If it stays, do not use it, and tell the one whose key it names.",
    ),
    text(
        "other-package",
        "The signature is about another plugin or another version.",
        "Fetch the signature that belongs to this package, or sign this one.",
    ),
    text(
        "tampered",
        "The signature is about this plugin and version, with other content.",
        "\
Somebody has changed the package after it was signed. Fetch it again from its source; if you have changed it yourself, give it a new
version and sign that.",
    ),
    text(
        "expired",
        "The signature was good, and counts no more.",
        "\
Ask the signer for a new one; the package stays the same.

roro plugin sign FILE --key KEYFILE --valid-days 365",
    ),
    text(
        "wrong-audience",
        "The signature was made for others.",
        "\
Ask for one that names you. The signer writes

roro plugin sign FILE --key KEYFILE --audience tenant:NAME",
    ),
    text(
        "downgraded",
        "The version is older than the active one: its faults that were mended would come back.",
        "Install a newer version. To go back to what was active before: roro plugin rollback.",
    ),
];
