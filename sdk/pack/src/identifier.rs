//! Identifiers of the trade and their check digits: VIN (ISO 3779), Japanese frame number, Chinese credit code (GB 32100), container
//! number (ISO 6346), and simple masks.
//!
//! It says whether an identifier fits its scheme, never whether a market demands that: a pack does.

/// Capital letters, without blanks and hyphens.
pub(crate) fn normalised(text: &str) -> String {
    if text.is_ascii() {
        let kept = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
        return kept.map(|byte| char::from(byte.to_ascii_uppercase())).collect();
    }
    text.chars().filter(|character| !character.is_whitespace() && *character != '-').flat_map(char::to_uppercase).collect()
}

/// Whether the whole text fits: A capital letter, 9 digit, * either, all else itself.
pub(crate) fn matches_mask(text: &str, mask: &str) -> bool {
    let mut characters = text.chars();
    mask.chars().all(|wanted| {
        characters.next().is_some_and(|character| match wanted {
            'A' => character.is_ascii_uppercase(),
            '9' => character.is_ascii_digit(),
            '*' => character.is_ascii_uppercase() || character.is_ascii_digit(),
            literal => character == literal,
        })
    }) && characters.next().is_none()
}

pub(crate) fn vin_well_formed(text: &str) -> bool {
    text.len() == 17 && text.bytes().all(|byte| vin_value(byte).is_some())
}

/// The value of a letter or digit in the check sum of a VIN, none for what a VIN must not hold.
fn vin_value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'H' => u32::from(byte - b'A') + 1,
        b'J'..=b'N' => u32::from(byte - b'J') + 1,
        b'P' => 7,
        b'R' => 9,
        b'S'..=b'Z' => u32::from(byte - b'S') + 2,
        _ => return None,
    })
}

pub(crate) fn vin_check_digit_ok(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if !vin_well_formed(text) {
        return false;
    }
    let sum: u32 = text.bytes().zip(WEIGHTS).filter_map(|(byte, weight)| vin_value(byte).map(|value| value * weight)).sum();
    let expected = match u8::try_from(sum % 11) {
        Ok(10) => b'X',
        Ok(digit) => b'0' + digit,
        Err(_) => return false,
    };
    text.as_bytes().get(8) == Some(&expected)
}

pub(crate) fn vin_year_code(text: &str) -> Option<char> {
    if vin_well_formed(text) { text.chars().nth(9) } else { None }
}

pub(crate) fn frame_well_formed(text: &str) -> bool {
    text.split_once('-').is_some_and(|(model, serial)| {
        (2..=8).contains(&model.len())
            && model.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && (4..=8).contains(&serial.len())
            && serial.bytes().all(|byte| byte.is_ascii_digit())
    })
}

pub(crate) fn uscc_check_ok(text: &str) -> bool {
    // The alphabet leaves out I, O, S, V and Z; the weights are the powers of 3 modulo 31.
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let mut values = [0_usize; 18];
    if text.len() != values.len() {
        return false;
    }
    for (slot, byte) in values.iter_mut().zip(text.bytes()) {
        let Some(value) = ALPHABET.iter().position(|known| *known == byte) else { return false };
        *slot = value;
    }
    let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    values.last() == Some(&((31 - sum % 31) % 31))
}

pub(crate) fn container_check_digit_ok(text: &str) -> bool {
    if !matches_mask(text, "AAAA9999999") {
        return false;
    }
    let mut sum = 0_u32;
    let mut weight = 1_u32;
    for byte in text.bytes().take(10) {
        sum += weight * container_value(byte);
        weight *= 2;
    }
    text.as_bytes().get(10).is_some_and(|digit| u32::from(digit.wrapping_sub(b'0')) == sum % 11 % 10)
}

/// Letters count from 10 upwards and skip the multiples of 11.
fn container_value(byte: u8) -> u32 {
    match byte {
        b'A' => 10,
        b'B'..=b'K' => u32::from(byte - b'B') + 12,
        b'L'..=b'U' => u32::from(byte - b'L') + 23,
        b'V'..=b'Z' => u32::from(byte - b'V') + 34,
        _ => u32::from(byte.wrapping_sub(b'0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vin_check_digits_agree_with_the_research() {
        let good = [
            "1M8GDM9AXKP042788",
            "1HGCM82633A004352",
            "5YJSA1H12FFP71790",
            "LSVAA49J132047371",
            "YV1TS592861433393",
            "5YJSA1H21FFP71790",
        ];
        let bad = ["1HGCM82643A004352", "1M8GDM9A1KP042788", "5YJSA1H13FFP71790", "LSVAA49J132074371"];
        for vin in good {
            assert!(vin_check_digit_ok(vin), "{vin}");
        }
        for vin in bad {
            assert!(vin_well_formed(vin) && !vin_check_digit_ok(vin), "{vin}");
        }
        for vin in ["WVWZZZ3CZEE140287", "WP0ZZZ99ZTS392124"] {
            assert!(vin_well_formed(vin) && !vin_check_digit_ok(vin), "{vin}");
        }
        for vin in ["1HGCM826I3A004352", "1HGCM82633A00435", "1HGCM82633A0043522", "1hgcm82633a004352", "", "１HGCM82633A00"] {
            assert!(!vin_well_formed(vin) && !vin_check_digit_ok(vin), "{vin}");
        }
        assert_eq!(vin_year_code("1HGCM82633A004352"), Some('3'));
    }

    #[test]
    fn other_identifiers_are_told_from_their_neighbours() {
        assert!(frame_well_formed("NHP10-2345678") && !frame_well_formed("NHP10 2345678") && !frame_well_formed("N-2345"));
        assert!(
            container_check_digit_ok("CSQU3054383")
                && !container_check_digit_ok("CSQU3054384")
                && !container_check_digit_ok("CSQU305438")
        );
        assert!(container_check_digit_ok("MSKU6011672"));
        assert!(
            uscc_check_ok("91350100M000100Y43") && !uscc_check_ok("91350100M000100Y44") && !uscc_check_ok("91350100M000100I43")
        );
        assert!(matches_mask("26-AA-123456", "99-AA-999999") && !matches_mask("26-AA-12345", "99-AA-999999"));
        assert!(matches_mask("", "") && !matches_mask("x", "") && matches_mask("B7", "**"));
        assert_eq!(normalised(" nhp10-234 5678 "), "NHP102345678");
    }
}
