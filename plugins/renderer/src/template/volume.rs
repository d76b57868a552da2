//! The volume of a box.

use minijinja::Error;
use minijinja::value::Value;

use super::number::{divide_half_even, invalid, whole};

/// The longest side that is still a vehicle or container, in millimetres.
const SIDE_MM_MAX: i128 = 1_000_000;

/// `volume(length, width, height)` in millimetres gives cubic centimetres.
pub(super) fn volume(length: &Value, width: &Value, height: &Value) -> Result<i64, Error> {
    let mut cubic_mm: u128 = 1;
    for side in [length, width, height] {
        let side = u128::try_from(whole(side)?.min(SIDE_MM_MAX)).map_err(|_| invalid("a side below zero: check the data"))?;
        cubic_mm *= side;
    }
    i64::try_from(divide_half_even(cubic_mm, 1_000)).map_err(|_| invalid("the volume is too large: check the data"))
}
