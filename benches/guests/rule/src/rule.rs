//! The rule itself: plain Rust over plain values, so that every host of the benches runs the same one.

use std::fmt::Write as _;

/// The finding's id.
pub const RULE: &str = "BENCH-VEHICLE-01";

/// What the rule reads of one vehicle: twelve fields.
#[derive(Debug, Clone, Copy)]
pub struct Vehicle<'a> {
    /// VIN, frame number or other identity.
    pub identity: &'a str,
    /// The body, as the order file writes it.
    pub body: &'a str,
    /// Whether it burns fuel in a cylinder.
    pub has_cylinders: bool,
    /// Whether the steering wheel is on the right.
    pub is_right_hand: bool,
    /// Cubic centimetres.
    pub displacement_cc: Option<u32>,
    /// Calendar year.
    pub year_of_manufacture: u16,
    /// The year of the first registration.
    pub registration_year: Option<u16>,
    /// As shipped.
    pub gross_mass_g: u64,
    /// Harmonized System, six digits.
    pub hs6: &'a str,
    /// In minor units of the order's currency.
    pub price_minor: i64,
    /// The driver's included.
    pub seats: i64,
    /// In the odometer's own unit.
    pub odometer: i64,
}

impl Vehicle<'_> {
    /// Whether a person should look at it.
    fn is_odd(&self) -> bool {
        let identity = self.identity.chars().filter(|one| one.is_ascii_alphanumeric()).count();
        let heading = self.hs6.get(..4).unwrap_or_default();
        !(9..=17).contains(&identity)
            || self.body.is_empty()
            || self.has_cylinders != self.displacement_cc.is_some()
            || !self.is_right_hand
            || self.registration_year.is_some_and(|year| year < self.year_of_manufacture)
            || !(300_000..60_000_000).contains(&self.gross_mass_g)
            || !matches!(heading, "8702" | "8703" | "8704")
            || self.price_minor <= 0
            || !(1..=60).contains(&self.seats)
            || !(0..1_000_000).contains(&self.odometer)
    }
}

/// What the rule has seen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    vehicles: u32,
    odd: u32,
    first_odd: Option<u32>,
    gross_mass_g: u64,
    price_minor: i64,
}

impl Tally {
    /// Looks at one more vehicle.
    pub fn add(&mut self, vehicle: &Vehicle<'_>) {
        if vehicle.is_odd() {
            self.odd += 1;
            self.first_odd.get_or_insert(self.vehicles);
        }
        self.vehicles += 1;
        self.gross_mass_g += vehicle.gross_mass_g;
        self.price_minor += vehicle.price_minor;
    }

    /// Where the finding points.
    pub fn place(&self) -> String {
        let mut place = String::from("/vehicles");
        if let Some(first) = self.first_odd {
            // Writing into a string cannot fail.
            write!(place, "/{first}").ok();
        }
        place
    }

    /// The finding's parameters.
    pub fn parameters(&self) -> [(&'static str, String); 4] {
        [
            ("vehicles", self.vehicles.to_string()),
            ("odd", self.odd.to_string()),
            ("gross_mass_g", self.gross_mass_g.to_string()),
            ("price_minor", self.price_minor.to_string()),
        ]
    }
}
