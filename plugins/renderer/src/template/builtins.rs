//! What minijinja itself offers to templates: tests, functions and filters that never turn a value into finished text.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, filters, functions, tests};

use super::escape;

pub(super) fn add(environment: &mut Environment<'static>) {
    add_tests(environment);
    environment.add_function("range", functions::range);
    environment.add_function("dict", functions::dict);
    environment.add_function("namespace", functions::namespace);
    add_list_filters(environment);
    add_text_filters(environment);
}

fn add_tests(environment: &mut Environment<'static>) {
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("boolean", tests::is_boolean);
    environment.add_test("odd", tests::is_odd);
    environment.add_test("even", tests::is_even);
    environment.add_test("divisibleby", tests::is_divisibleby);
    environment.add_test("number", tests::is_number);
    environment.add_test("string", tests::is_string);
    environment.add_test("sequence", tests::is_sequence);
    environment.add_test("iterable", tests::is_iterable);
    environment.add_test("mapping", tests::is_mapping);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("in", tests::is_in);
    environment.add_test("true", tests::is_true);
    environment.add_test("false", tests::is_false);
    for name in ["eq", "equalto", "=="] {
        environment.add_test(name, tests::is_eq);
    }
    for name in ["ne", "!="] {
        environment.add_test(name, tests::is_ne);
    }
    for name in ["lt", "lessthan", "<"] {
        environment.add_test(name, tests::is_lt);
    }
    for name in ["gt", "greaterthan", ">"] {
        environment.add_test(name, tests::is_gt);
    }
    for name in ["le", "<="] {
        environment.add_test(name, tests::is_le);
    }
    for name in ["ge", ">="] {
        environment.add_test(name, tests::is_ge);
    }
}

fn add_list_filters(environment: &mut Environment<'static>) {
    environment.add_filter("default", filters::default);
    environment.add_filter("length", filters::length);
    environment.add_filter("count", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", |value: Value| filters::last(plain(value)));
    environment.add_filter("reverse", |value: Value| filters::reverse(&plain(value)));
    environment.add_filter("sort", filters::sort);
    environment.add_filter("unique", filters::unique);
    environment.add_filter("sum", filters::sum);
    environment.add_filter("min", filters::min);
    environment.add_filter("max", filters::max);
    environment.add_filter("abs", filters::abs);
    environment.add_filter("map", filters::map);
    environment.add_filter("select", filters::select);
    environment.add_filter("reject", filters::reject);
    environment.add_filter("selectattr", filters::selectattr);
    environment.add_filter("rejectattr", filters::rejectattr);
    environment.add_filter("groupby", filters::groupby);
    environment.add_filter("batch", filters::batch);
    environment.add_filter("slice", filters::slice);
    environment.add_filter("items", filters::items);
    environment.add_filter("dictsort", filters::dictsort);
}

/// minijinja's own text filters hand the "finished" mark of a captured block on to what they cut out of it. These never do, so whatever
/// they answer is escaped when it is printed.
fn add_text_filters(environment: &mut Environment<'static>) {
    environment.add_filter("upper", |text: &str| text.to_uppercase());
    environment.add_filter("lower", |text: &str| text.to_lowercase());
    environment.add_filter("title", |text: &str| filters::title(text.into()));
    environment.add_filter("capitalize", |text: &str| {
        let mut chars = text.chars();
        chars
            .next()
            .map(|first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect::<String>())
            .unwrap_or_default()
    });
    environment.add_filter("trim", |text: &str| text.trim().to_owned());
    environment.add_filter("replace", |text: &str, from: &str, to: &str| text.replace(from, to));
    environment.add_filter("split", |text: &str, separator: &str| text.split(separator).map(str::to_owned).collect::<Vec<_>>());
    environment.add_filter("lines", |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>());
    environment.add_filter("join", join);
}

/// A value without the mark of finished text.
fn plain(value: Value) -> Value {
    match value.as_str() {
        Some(text) if value.is_safe() => Value::from(text),
        _ => value,
    }
}

fn join(items: &Value, separator: Option<&str>) -> Result<String, Error> {
    if items.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let texts = items.try_iter()?.map(|item| escape::text(&item)).collect::<Result<Vec<_>, _>>()?;
    Ok(texts.join(separator.unwrap_or_default()))
}
