//! Typed ids: `ord_01j9…`. A prefix that says what it is, then 128 bits (48 of milliseconds, 80 random) as 26 letters and digits
//! whose text order is time order. An id is never reused and never says anything but its age.

use std::fmt;
use std::hash::Hash;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use super::rng::Rng;
use super::time::Clock;

/// Crockford's base 32, lower case: no i, l, o, u, so that a person can read it aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: u32 = 26;

/// Text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of this kind; it starts with `{prefix}` and goes on with 26 of 0-9 and a-z without i, l, o, u")]
pub struct ParseError {
    /// What was given, cut to 64 characters.
    pub text: String,
    /// What an id of this kind starts with.
    pub prefix: &'static str,
}

/// What every typed id can do.
pub trait Id: Copy + Eq + Ord + Hash + fmt::Display + fmt::Debug + FromStr<Err = ParseError> + Send + Sync + 'static {
    /// What its text starts with, underscore included.
    const PREFIX: &'static str;

    /// The id of these 128 bits.
    fn from_bits(bits: u128) -> Self;

    /// Its 128 bits.
    fn bits(self) -> u128;
}

fn write(f: &mut fmt::Formatter<'_>, prefix: &str, bits: u128) -> fmt::Result {
    f.write_str(prefix)?;
    for place in (0..DIGITS).rev() {
        let digit = usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0);
        fmt::Write::write_char(f, ALPHABET.get(digit).copied().map_or('0', char::from))?;
    }
    Ok(())
}

fn read(text: &str, prefix: &'static str) -> Result<u128, ParseError> {
    let refused = || ParseError { text: text.chars().take(64).collect(), prefix };
    let digits = text.strip_prefix(prefix).ok_or_else(refused)?;
    // 26 digits hold 130 bits: the first one may use only three of its five.
    if digits.len() != DIGITS as usize || digits.as_bytes().first().is_none_or(|first| *first > b'7') {
        return Err(refused());
    }
    digits.bytes().try_fold(0_u128, |bits, byte| {
        let digit = ALPHABET.iter().position(|letter| *letter == byte).ok_or_else(refused)?;
        Ok((bits << 5) | digit as u128)
    })
}

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(u128);

            impl Id for $name {
                const PREFIX: &'static str = $prefix;

                fn from_bits(bits: u128) -> Self {
                    Self(bits)
                }

                fn bits(self) -> u128 {
                    self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write(f, $prefix, self.0)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write(f, $prefix, self.0)
                }
            }

            impl FromStr for $name {
                type Err = ParseError;

                fn from_str(text: &str) -> Result<Self, ParseError> {
                    read(text, $prefix).map(Self)
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }

            crate::text_column!($name);
            crate::text_schema!($name, stringify!($name), { "type": "string", "pattern": concat!("^", $prefix, "[0-7][0-9a-hjkmnp-tv-z]{25}$") });
        )+

        /// The prefix of every kind of id.
        pub const PREFIXES: &[&str] = &[$($prefix),+];
    };
}

// By alphabet. Lines are added, never changed: ids outlive the code.
id! {
    /// A command: one write, with who did it.
    CommandId = "cmd_";
    /// A company of a tenant.
    CompanyId = "cmp_";
    /// A document that we issue.
    DocumentId = "doc_";
    /// An event of the outbox.
    EventId = "evt_";
    /// Work that waits for an app.
    JobId = "job_";
    /// A note beside an order.
    NoteId = "not_";
    /// An export order.
    OrderId = "ord_";
    /// An installed pack.
    PackId = "pck_";
    /// A party: buyer, consignee, carrier, bank.
    PartyId = "pty_";
    /// A record that an app keeps.
    RecordId = "rec_";
    /// A release of a plugin.
    ReleaseId = "rel_";
    /// One run of a hook.
    RunId = "run_";
    /// A signed-in browser.
    SessionId = "ses_";
    /// A shipment.
    ShipmentId = "shp_";
    /// A tenant.
    TenantId = "ten_";
    /// An API token.
    TokenId = "tok_";
    /// A user.
    UserId = "usr_";
    /// A vehicle.
    VehicleId = "veh_";
    /// What is sent to a webhook about one event.
    DeliveryId = "whd_";
    /// An address that is told of events.
    WebhookId = "whk_";
}

/// Makes new ids. Ids of one process rise strictly, also within a millisecond and when the machine's clock steps back.
#[derive(Debug, Clone)]
pub struct Mint {
    clock: Clock,
    rng: Rng,
    last: Arc<Mutex<u128>>,
}

impl Mint {
    /// A mint on this clock and randomness.
    #[must_use]
    pub fn new(clock: Clock, rng: Rng) -> Self {
        Self { clock, rng, last: Arc::new(Mutex::new(0)) }
    }

    /// A new id: `let id: OrderId = mint.next();`
    #[must_use]
    pub fn next<I: Id>(&self) -> I {
        let random = u128::from_be_bytes(self.rng.bytes());
        let fresh = (u128::from(self.clock.now().millis()) << 80) | (random >> 48);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A step of up to 2^32 keeps the order without making the next id easy to guess.
        let step = (random & u128::from(u32::MAX)) + 1;
        *last = fresh.max(last.saturating_add(step));
        I::from_bits(*last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::rng::Rng;
    use crate::kernel::time::Instant;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn mint() -> (Clock, Mint) {
        let clock = Clock::fixed("2026-03-01T00:00:00Z".parse::<Instant>().unwrap());
        (clock.clone(), Mint::new(clock, Rng::seeded(1)))
    }

    #[test]
    fn ids_rise_within_one_millisecond_and_when_the_clock_moves() {
        let (clock, mint) = mint();
        let mut texts: Vec<String> = (0..1_000).map(|_| mint.next::<OrderId>().to_string()).collect();
        clock.advance(std::time::Duration::from_millis(1));
        texts.push(mint.next::<OrderId>().to_string());
        let mut sorted = texts.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(texts, sorted);
    }

    #[test]
    fn an_id_of_another_kind_is_refused_with_the_fix() {
        let (_, mint) = mint();
        let error = mint.next::<VehicleId>().to_string().parse::<OrderId>().unwrap_err();
        assert!(error.to_string().contains("it starts with `ord_`"), "{error}");
    }

    #[test]
    fn prefixes_are_alphabetical_and_no_two_are_alike() {
        let mut sorted = PREFIXES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(PREFIXES, sorted);
    }

    proptest! {
        #[test]
        fn text_and_bits_are_one_to_one(bits: u128) {
            let id = OrderId::from_bits(bits);
            prop_assert_eq!(id.to_string().parse::<OrderId>().unwrap().bits(), bits);
            prop_assert_eq!(serde_json::from_str::<OrderId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        }

        #[test]
        fn text_order_is_number_order(a: u128, b: u128) {
            prop_assert_eq!(OrderId::from_bits(a).to_string().cmp(&OrderId::from_bits(b).to_string()), a.cmp(&b));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}", tail in "[0-9a-z]{25,27}") {
            let _ = text.parse::<OrderId>();
            if let Ok(id) = format!("ord_{tail}").parse::<OrderId>() {
                prop_assert_eq!(id.to_string(), format!("ord_{tail}"));
            }
        }
    }
}
