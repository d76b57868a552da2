use proptest::prelude::*;
use std::collections::BTreeMap;

use super::tests::example;

/// A value that a form or a program might send.
const VALUES: &str = "\\PC{0,70}|-?[0-9.]{1,6}|true|warn|2026-01-[0-3][0-9]";

fn given(settings: &[(&str, &str)]) -> BTreeMap<String, String> {
    settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn defaults_are_filled_in_and_what_is_open_stays_away() {
    let settings = example().check_settings(&given(&[("credit_limit", "1000.50"), ("greeting", "  ")])).unwrap();
    let expected = given(&[
        ("credit_limit", "1000.50"),
        ("days", "30"),
        ("greeting", "Dear Sir or Madam"),
        ("mode", "warn"),
        ("since", "2026-01-01"),
        ("strict", "false"),
    ]);
    assert_eq!(settings, expected);
}

#[test]
fn each_setting_has_one_way_to_be_written() {
    let rows = [
        ("greeting", " Dear all,\r\nhello ", "Dear all,\nhello"),
        ("days", " 007 ", "7"),
        ("days", "+9", "9"),
        ("credit_limit", " 007.50", "7.50"),
        ("strict", " true ", "true"),
        ("mode", "hold", "hold"),
        ("since", " 2028-02-29 ", "2028-02-29"),
        ("api_key", " k e y ", " k e y "),
    ];
    for (key, written, canonical) in rows {
        let mut settings = given(&[("credit_limit", "1")]);
        settings.insert(key.to_owned(), written.to_owned());
        let settings = example().check_settings(&settings).unwrap();
        assert_eq!(settings.get(key).map(String::as_str), Some(canonical), "{key}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_place_and_its_fix() {
    let long = "x".repeat(61);
    let secret = "s".repeat(201);
    let rows = [
        ("greeting", long.as_str(), "61 characters are too many; write at most 60"),
        ("greeting", "bell \u{7}", "the text has a control character; write plain text"),
        ("days", "soon", "`soon` is no whole number; write digits, for example 10"),
        ("days", "3.5", "`3.5` is no whole number; write digits, for example 10"),
        ("days", "-1", "-1 is too small; write at least 0"),
        ("days", "91", "91 is too large; write at most 90"),
        ("credit_limit", "1,5", "`1,5` is no decimal; write digits with at most one point, for example 1.50"),
        ("credit_limit", "1e3", "`1e3` is no decimal; write digits with at most one point, for example 1.50"),
        ("credit_limit", "", "the setting is missing; fill it in"),
        ("strict", "on", "`on` is no answer; write true or false"),
        ("mode", "wran", "`wran` is not in the list; write one of: warn, hold"),
        ("mode", " warn", "` warn` is not in the list; did you mean `warn`?"),
        ("since", "2026-02-30", "`2026-02-30` is no date; write year-month-day, for example 2026-01-31"),
        ("since", "20260131", "`20260131` is no date; write year-month-day, for example 2026-01-31"),
        ("since", "2026-01-31T00:00", "`2026-01-31T00:00` is no date; write year-month-day, for example 2026-01-31"),
        ("api_key", secret.as_str(), "201 characters are too many; write at most 200"),
        ("apikey", "x", "the plugin has no such setting; did you mean `api_key`?"),
    ];
    for (key, written, expected) in rows {
        let mut settings = given(&[("credit_limit", "1")]);
        settings.insert(key.to_owned(), written.to_owned());
        let wrong = example().check_settings(&settings).unwrap_err();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert_eq!(wrong[0].pointer, format!("/settings/{key}"));
        assert_eq!(format!("{}; {}", wrong[0].message, wrong[0].fix), expected);
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let wrong = example().check_settings(&given(&[("days", "x"), ("strict", "x"), ("a/b~c", "x")])).unwrap_err();
    let places: Vec<&str> = wrong.iter().map(|wrong| wrong.pointer.as_str()).collect();
    assert_eq!(places, ["/settings/a~1b~0c", "/settings/credit_limit", "/settings/days", "/settings/strict"]);
}

#[test]
fn what_is_wrong_never_shows_a_secret() {
    let secret = "hunter2".repeat(40);
    let wrong = example().check_settings(&given(&[("api_key", &secret)])).unwrap_err();
    assert!(!format!("{wrong:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn settings_that_pass_are_written_once_and_for_all(
        given in prop::collection::btree_map("greeting|days|credit_limit|strict|mode|since|api_key|x/~", VALUES, 0..8),
    ) {
        let manifest = example();
        match manifest.check_settings(&given) {
            Ok(settings) => prop_assert_eq!(manifest.check_settings(&settings), Ok(settings)),
            Err(wrong) => prop_assert!(!wrong.is_empty()),
        }
    }
}
