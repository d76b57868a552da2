//! What a browser or a program sends: the tenant, then 256 random bits. Only the hash of the secret part is stored, under the tenant,
//! so that not even the look-up leaves the tenant's rows.

use std::fmt;
use std::str::FromStr;

use crate::kernel::id::TenantId;
use crate::kernel::rng::Rng;
use crate::kernel::secret::Secret;

/// A session's or a token's text: `roro_ten_….<64 hexadecimal digits>`.
#[derive(Clone)]
pub struct Credential {
    tenant: TenantId,
    secret: Secret,
}

/// Marks the text as ours, so that scanners for leaked secrets can find it.
const MARK: &str = "roro_";

impl Credential {
    pub(super) fn new(tenant: TenantId, rng: &Rng) -> Self {
        Self { tenant, secret: Secret::random(rng) }
    }

    /// The tenant that it claims; proven only by a stored hash.
    #[must_use]
    pub const fn claimed_tenant(&self) -> TenantId {
        self.tenant
    }

    pub(super) fn fingerprint(&self) -> String {
        self.secret.fingerprint()
    }

    /// The whole text, to hand it to its owner. It cannot be shown a second time.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{MARK}{}.{}", self.tenant, self.secret.reveal())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}, ..)", self.tenant)
    }
}

impl FromStr for Credential {
    type Err = super::Error;

    fn from_str(text: &str) -> Result<Self, super::Error> {
        let parts = text.strip_prefix(MARK).and_then(|rest| rest.split_once('.'));
        let (tenant, secret) = parts.ok_or(super::Error::Unauthenticated)?;
        let tenant = tenant.parse().map_err(|_| super::Error::Unauthenticated)?;
        if secret.len() != 64 || !secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(super::Error::Unauthenticated);
        }
        Ok(Self { tenant, secret: Secret::new(secret) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id as _;

    #[test]
    fn a_credential_is_read_back_and_hides_in_logs() {
        let credential = Credential::new(TenantId::from_bits(5), &Rng::seeded(1));
        let text = credential.reveal();
        let again: Credential = text.parse().unwrap();
        assert_eq!(again.fingerprint(), credential.fingerprint());
        assert!(!format!("{again:?}").contains(&text[32..]));
        for bad in ["", "roro_", &text[1..], &text[..60], &text.replace('.', "")] {
            assert!(bad.parse::<Credential>().is_err(), "{bad}");
        }
    }
}
