//! The signature of Standard Webhooks (standardwebhooks.com, version 1.0.0, symmetric): `v1,` and the base64 of an HMAC-SHA256 over
//! `id.timestamp.body`, under a secret that is written `whsec_` and base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::kernel::rng::Rng;
use crate::kernel::secret::Secret;

const PREFIX: &str = "whsec_";

/// A new secret of 256 bits.
pub(super) fn new_secret(rng: &Rng) -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(rng.bytes::<32>())))
}

/// The value of the header `webhook-signature`: a signature for each secret that counts, so that a receiver may hold either while they
/// are exchanged. A secret that is none signs nothing.
pub(super) fn signatures(secrets: &[Secret], id: &str, timestamp_s: i64, body: &str) -> String {
    let sign = |secret: &Secret| {
        // To sign is what the secret is for.
        let key = STANDARD.decode(secret.reveal().strip_prefix(PREFIX)?).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{timestamp_s}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    secrets.iter().filter_map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_own_example_comes_out() {
        // The example that the specification's libraries test themselves with.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = signatures(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_sign_side_by_side() {
        let secrets = [1, 2].map(|seed| new_secret(&Rng::seeded(seed)));
        let both = signatures(&secrets, "evt_1", 1, "{}");
        let [first, second] = secrets.map(|secret| signatures(&[secret], "evt_1", 1, "{}"));
        assert_eq!(both, format!("{first} {second}"));
        assert_ne!(first, second);
    }
}
