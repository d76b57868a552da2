//! The expression language: values, none, faults, aggregates.

use crate::support::{value, values};

#[test]
fn operators_and_functions_give_what_the_reference_says() {
    let table = [
        ("1 + 2 * 3 - -4", "11"),
        ("(1 + 2) * 3", "9"),
        ("1.10 + 1", "2.10"),
        ("0.1 + 0.2 == 0.3", "true"),
        (r#""a" + "b""#, "ab"),
        (r#""say \"x\" \\""#, r#"say "x" \"#),
        (r#"date("2026-01-31") + 1"#, "2026-02-01"),
        (r#"order.contract_date - date("2026-11-01")"#, "19"),
        (r#"add_months(date("2026-01-31"), 1)"#, "2026-02-28"),
        (r#"months_between(date("2024-02-29"), date("2025-02-28"))"#, "12"),
        ("date_of(2026, 2, 29)", "—"),
        ("date_digits(order.contract_date)", "20261120"),
        ("year(as_of) * 100 + month(as_of)", "202611"),
        (r#"if 1 > 2 then "x" else "y""#, "y"),
        (r#"order.currency in ["EUR", "USD"]"#, "true"),
        (r#"order.currency not in ["EUR", "USD"]"#, "false"),
        ("trim(buyer.name)", "{must} Ltd"),
        (r#"slice("1HGCM82633A004352", 1, 3) + slice("abc", 3, 9) + slice("abc", 0, 1)"#, "1HGca"),
        (r#"matches_mask("26-AA-123456", "99-AA-999999")"#, "true"),
        (r#"pad_left("7", 3, "0")"#, "007"),
        (r#"replace("a-b-c", "-", "")"#, "abc"),
        (r#"digits_of("KES 1,250")"#, "1250"),
        (r#"integer(" 42 ") + 1"#, "43"),
        (r#"integer("4x")"#, "—"),
        (r#"join_present(", ", "a", none, " ", "b ")"#, "a, b"),
        (r#"join_present(", ", none, "")"#, "—"),
        (r#"coalesce(shipment.arrival, shipment.departure)"#, "2026-12-20"),
        ("abs(-3) + min(4, 2) + max(1, 2, 3)", "8"),
        ("floor(-1.5) + ceiling(1.2)", "0"),
        (r#"round(2.345, 2, "half-even")"#, "2.34"),
        (r#"divide(1, 3, 4, "up")"#, "0.3334"),
        (r#"divide(1, 0, 4, "up")"#, "—"),
        ("ratio(order.total, order.total)", "1.000000"),
        (r#"portion(order.total, 1.1, "up")"#, "USD 33000.00"),
        (r#"money_text(order.total) + " " + currency_of(order.total)"#, "30000.00 USD"),
        (r#"money_of(1250000, "JPY")"#, "JPY 1250000"),
        ("order.total * 2", "USD 60000.00"),
        ("minor(order.total)", "3000000"),
        (r#"fixed_text(1.5, 2) + kg_text(1250) + kg_text(0.5)"#, "1.5012500.5"),
        ("cubic_metre_text(11520000) + metre_text(4450)", "11.5204.45"),
        (r#"lookup("country", "KE")"#, "KEN"),
        (r#"lookup("country", "XX")"#, "—"),
        (r#"has_code("country", "CN")"#, "true"),
        (r#"vin_year_code("1HGCM82633A004352")"#, "3"),
        (r#"normalise_id("a-b c")"#, "ABC"),
        (r#"is_latin("Čar")"#, "false"),
        ("text(order.rate * 2)", "14.30"),
    ];
    for (expression, expected) in table {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn none_goes_through_operators_as_in_sql() {
    let table = [
        ("shipment.arrival == shipment.departure", "—"),
        ("order.urgent and false", "false"),
        ("false and order.urgent", "false"),
        ("order.urgent and true", "—"),
        ("order.urgent or true", "true"),
        ("order.urgent or false", "—"),
        ("not order.urgent", "—"),
        ("if order.urgent then 1 else 2", "2"),
        ("present(order.urgent)", "false"),
        (r#"present(" ")"#, "false"),
        ("year(shipment.arrival) + 1", "—"),
        ("min(1, none)", "—"),
    ];
    for (expression, expected) in table {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn aggregates_run_over_the_rows_that_they_read() {
    let table = [
        ("rows(vehicle) * 10 + rows(container)", "32"),
        ("count(vehicle.first_registration)", "2"),
        ("sum(vehicle.gross_mass_kg)", "3300"),
        ("sum(vehicle.price)", "USD 30000.00"),
        ("sum(vehicle.price) == order.total", "true"),
        ("smallest(vehicle.first_registration)", "2018-06-01"),
        ("largest(vehicle.price)", "USD 12500.50"),
        (r#"any(vehicle.fuel == "diesel")"#, "false"),
        ("all(vehicle.running)", "—"),
        ("any(vehicle.running)", "true"),
        ("same(vehicle.container)", "false"),
        ("distinct(vehicle.container)", "2"),
        ("first_duplicate(normalise_id(vehicle.identity.number))", "1HGCM82633A004352"),
        ("first_duplicate(vehicle.identity.number)", "—"),
        ("list_text(vehicle.hs6)", "870323, 870380"),
        ("list_distinct(vehicle.container)", "CSQU3054383, MSKU6011672"),
        ("first(vehicle.gross_mass_kg)", "1500"),
        (r#"list_text(vehicle, if vehicle.fuel == "petrol" then row else none)"#, "1, 3"),
        ("any(vehicle.gross_mass_kg == largest(vehicle.gross_mass_kg))", "true"),
        ("any(vehicle, repeats(normalise_id(vehicle.identity.number)))", "true"),
        ("sum(vehicle, if clock > as_of then 1 else 2)", "6"),
    ];
    for (expression, expected) in table {
        assert_eq!(value(expression), expected, "{expression}");
    }
    assert_eq!(values("repeats(normalise_id(vehicle.identity.number))", "vehicle"), ["false", "false", "true"]);
    let loaded = "sum(vehicle, if vehicle.container == container.number then vehicle.gross_mass_kg else 0)";
    assert_eq!(values(loaded, "container"), ["3300", "0"]);
    assert_eq!(values(r#"text(row) + " of " + text(rows(vehicle))"#, "vehicle"), ["1 of 3", "2 of 3", "3 of 3"]);
}

#[test]
fn arithmetic_out_of_range_is_undecided() {
    assert_eq!(values("vehicle.displacement_cc + 1", "vehicle"), ["1999", "—", "KE-UNDECIDED"]);
    for expression in
        ["9223372036854775807 * 2", r#"order.total + money_of(1, "EUR")"#, "order.rate * 0.000000000000000001 * 0.1"]
    {
        assert_eq!(value(expression), "KE-UNDECIDED", "{expression}");
    }
}
