//! Time: instants in UTC, civil dates, and the zones that turn one into the other. Nothing else in the house asks the machine
//! for the time.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment in UTC, in whole microseconds since 1970, which is what both databases keep. Written as RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Timestamp);

/// What is wrong with a date, an instant or a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a moment.
    #[error("`{0}` is not a moment in time; write RFC 3339, for example 2026-03-01T09:30:00Z")]
    Instant(String),
    /// Not a date.
    #[error("`{0}` is not a date; write year-month-day, for example 2026-03-01")]
    Date(String),
    /// Not a zone.
    #[error("`{0}` is not a time zone; write its IANA name, for example Asia/Tokyo")]
    Zone(String),
}

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00Z; none outside the years -9999 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        Timestamp::from_microsecond(micros).ok().map(Self)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; 0 for earlier moments.
    #[must_use]
    pub fn millis(self) -> u64 {
        u64::try_from(self.0.as_millisecond()).unwrap_or(0)
    }

    /// The moment `by` later, or the last one there is.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.checked_add(by).unwrap_or(Timestamp::MAX))
    }

    /// The moment `by` earlier, or the first one there is.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self(self.0.checked_sub(by).unwrap_or(Timestamp::MIN))
    }

    /// The civil date of this moment in a zone.
    #[must_use]
    pub fn date_in(self, zone: &Zone) -> Date {
        self.0.to_zoned(zone.0.clone()).date()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let moment = text.parse::<Timestamp>().ok();
        // What a database cannot keep must not be seen by a caller either: cut to microseconds at the door.
        moment.and_then(|moment| Self::from_micros(moment.as_microsecond())).ok_or_else(|| Error::Instant(text.to_owned()))
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A civil date as a column of a table: `2026-03-01`, so that text order is date order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse().map(Self).map_err(|_| Error::Date(text.to_owned()))
    }
}

/// A time zone by its IANA name. A company has one: it turns "now" into the legal date of a contract.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone's IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        TimeZone::get(name).map(Self).map_err(|_| Error::Zone(name.to_owned()))
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Where "now" comes from. Clones of a fixed clock move together.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn fixed(at: Instant) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(at.micros()))))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        let micros = match &self.0 {
            Source::System => Timestamp::now().as_microsecond(),
            Source::Fixed(micros) => micros.load(Ordering::SeqCst),
        };
        Instant::from_micros(micros).unwrap_or(Instant(Timestamp::UNIX_EPOCH))
    }

    /// Today's civil date in a zone.
    #[must_use]
    pub fn today(&self, zone: &Zone) -> Date {
        self.now().date_in(zone)
    }

    /// Moves a fixed clock on; the machine's clock cannot be moved and stays.
    pub fn advance(&self, by: Duration) {
        if let Source::Fixed(micros) = &self.0 {
            micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legal_date_is_the_one_of_the_companys_zone() {
        let late_evening: Instant = "2025-12-31T16:30:00Z".parse().unwrap();
        let clock = Clock::fixed(late_evening);
        assert_eq!(clock.today(&"Asia/Tokyo".parse().unwrap()).to_string(), "2026-01-01");
        assert_eq!(clock.today(&"Africa/Nairobi".parse().unwrap()).to_string(), "2025-12-31");
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed("2026-03-01T00:00:00Z".parse().unwrap());
        let twin = clock.clone();
        clock.advance(Duration::from_secs(90));
        assert_eq!(twin.now().to_string(), "2026-03-01T00:01:30Z");
    }

    #[test]
    fn instants_are_cut_to_what_the_databases_keep() {
        let moment: Instant = "2026-03-01T00:00:00.123456789Z".parse().unwrap();
        assert_eq!(Instant::from_micros(moment.micros()), Some(moment));
        assert_eq!(moment.to_string(), "2026-03-01T00:00:00.123456Z");
    }

    #[test]
    fn a_zone_that_does_not_exist_is_refused_with_the_fix() {
        let error = "Asia/Atlantis".parse::<Zone>().unwrap_err();
        assert_eq!(error.to_string(), "`Asia/Atlantis` is not a time zone; write its IANA name, for example Asia/Tokyo");
        assert!("1 March".parse::<Day>().is_err());
    }
}
