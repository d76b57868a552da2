//! What the reader refuses. This table is the format's rules, seen from outside.

use super::tests::{edited, problems};

/// An edit of the example, `piece → other` with `¶` for the end of a line, and below it every problem that it makes.
const TABLE: &str = r#"
format = 1¶ →
    1:1: `format` is missing; add `format = …`, a whole number
id = "acme-guard" → id = "Acme"
    2:6: `Acme` is no plugin id; use 3 to 48 lower case letters, digits and single hyphens, beginning with a letter
id = "acme-guard" → id = "ab"
    2:6: `ab` is no plugin id; use 3 to 48 lower case letters, digits and single hyphens, beginning with a letter
id = "acme-guard" → id = "9lives"
    2:6: `9lives` is no plugin id; use 3 to 48 lower case letters, digits and single hyphens, beginning with a letter
id = "acme-guard" → id = "acme--guard"
    2:6: `acme--guard` is no plugin id; use 3 to 48 lower case letters, digits and single hyphens, beginning with a letter
id = "acme-guard" → id = "acme-"
    2:6: `acme-` is no plugin id; use 3 to 48 lower case letters, digits and single hyphens, beginning with a letter
id = "acme-guard" → id = "rulebook"
    2:6: `rulebook` is a name of the host's own; begin it with the publisher's name
id = "acme-guard" → id = "host-guard"
    2:6: `host-guard` is a name of the host's own; begin it with the publisher's name
id = "acme-guard"¶ →
    1:1: `id` is missing; add `id = …`, a text in quotes
format = 1 → format = 2
    1:10: format 2 is not known; this version of Roro reads format 1
format = 1 → format = "1"
    1:10: `format` is string; write a whole number
version = "1.2.0" → version = "1.2"
    3:11: `1.2` is no version; write major.minor.patch, for example 1.2.0
version = "1.2.0" → version = "1.2.0+build.5"
    3:11: `1.2.0+build.5` has build metadata; leave out the `+` and what follows it
title = { en = "Acme guard", zh = "Acme 守卫" } → title = { en = "Acme guard" }
    4:9: `zh` is missing; add `zh = …`, a text in quotes
title = { en = "Acme guard", zh = "Acme 守卫" } → title = "Acme guard"
    4:9: `title` is string; write a table
title = { en = "Acme guard", zh → title = { de = "Acme", en = "Acme guard", zh
    4:11: the format has no key `de` here; write one of: en, zh
publisher = "Acme Ltd" → publisher = "Acme\nLtd"
    6:13: `publisher` has a line break or another control character; write it on one line
licence = "Apache-2.0" → licence = "© Acme"
    7:11: `© Acme` is no licence; write an SPDX expression, for example Apache-2.0
publisher → publsher
    1:1: `publisher` is missing; add `publisher = …`, a text in quotes
    6:1: the format has no key `publsher` here; did you mean `publisher`?
"acme_guard.wasm" → "../acme_guard.wasm"
    8:13: `../acme_guard.wasm` is no path inside the package; write it relative to the package, with slashes and without `..`, for example acme_guard.wasm
"acme_guard.wasm" → "/acme_guard.wasm"
    8:13: `/acme_guard.wasm` is no path inside the package; write it relative to the package, with slashes and without `..`, for example acme_guard.wasm
"acme_guard.wasm" → "bin\\acme_guard.wasm"
    8:13: `bin\acme_guard.wasm` is no path inside the package; write it relative to the package, with slashes and without `..`, for example acme_guard.wasm
"acme_guard.wasm" → "c:acme_guard.wasm"
    8:13: `c:acme_guard.wasm` is no path inside the package; write it relative to the package, with slashes and without `..`, for example acme_guard.wasm
pack = "pack" → pack = "pack/"
    9:8: `pack/` is no path inside the package; write it relative to the package, with slashes and without `..`, for example pack
component = "acme_guard.wasm"¶pack = "pack"¶ →
    1:1: there is neither `component` nor `pack`; add `component = "….wasm"`, `pack = "pack"`, or both
component = "acme_guard.wasm"¶ →
    9:9: `class` is for a plugin with a component; add `component` or remove it
    11:1: `hooks` is for a plugin with a component; add `component` or remove it
    23:1: `grants` is for a plugin with a component; add `component` or remove it
    47:1: `config` is for a plugin with a component; add `component` or remove it
    93:1: `collections` is for a plugin with a component; add `component` or remove it
    119:1: `events` is for a plugin with a component; add `component` or remove it
    122:1: `schedule` is for a plugin with a component; add `component` or remove it
    126:1: `limits` is for a plugin with a component; add `component` or remove it
class = "rule" → class = "rules"
    10:9: `class` does not know `rules`; did you mean `rule`?
class = "rule"¶ →
    1:1: `class` is missing; add `class = …`, one of rule, interpreted, renderer
class = "rule" → class = "renderer"
    13:8: hook documents: class `renderer` does not serve the hook `documents`; remove the hook or change `class`
    19:8: hook app: class `renderer` does not serve the hook `app`; remove the hook or change `class`
name = "documents" → name = "document"
    13:8: hook: `name` does not know `document`; did you mean `documents`?
name = "documents" → name = "render"
    13:8: hook render: class `rule` does not serve the hook `render`; write `class = "renderer"` or remove the hook
    15:14: hook render: the hook `render` has no default to go on with; write "closed" or "park"
name = "documents" → name = "app"
    15:14: hook app: the hook `app` has no default to go on with; write "closed" or "park"
    19:8: hook app: `app` is there twice; remove one of them
on_failure = "open" → on_failure = "ignore"
    15:14: hook documents: `on_failure` does not know `ignore`; write one of: closed, open, park
on_failure = "open"¶ →
    12:1: hook documents: `on_failure` is missing; add `on_failure = …`, one of closed, open, park
on_failure = "park" → on_failure = "open"
    21:14: hook app: the hook `app` has no default to go on with; write "closed" or "park"
contract = "0.1.0"¶on_failure = "open" → contract = "0.1"¶on_failure = "open"
    14:12: hook documents: `0.1` is no version; write major.minor.patch, for example 1.2.0
effects = ["finding"] → effects = ["refund"]
    16:12: hook documents: `effects` does not know `refund`; write one of: finding, charge, hold, note
["hold", "note"] → ["hold", "hold"]
    22:20: hook app: `effects` names `hold` twice; name it once
effects = ["finding"] → effects = "finding"
    16:11: hook documents: `effects` is string; write a list of texts
name = "app"¶ → name = "pricing"¶
    94:1: [[collections]] needs the hook `app`; add [[hooks]] with `name = "app"` or remove [[collections]]
    120:1: [[events]] needs the hook `app`; add [[hooks]] with `name = "app"` or remove [[events]]
    123:1: [[schedule]] needs the hook `app`; add [[hooks]] with `name = "app"` or remove [[schedule]]
name = "config" → name = "confg"
    25:8: grant: `name` does not know `confg`; did you mean `config`?
    48:1: [[config]] needs the grant `config`; add [[grants]] with `name = "config"`
name = "config"¶ → name = "tables"¶
    48:1: [[config]] needs the grant `config`; add [[grants]] with `name = "config"`
name = "secrets"¶ → name = "tables"¶
    91:8: setting api_key: a secret needs the grant `secrets`; add [[grants]] with `name = "secrets"`
name = "records"¶ → name = "tables"¶
    94:1: [[collections]] needs the grant `records`; add [[grants]] with `name = "records"`
name = "events"¶ → name = "tables"¶
    120:1: [[events]] needs the grant `events`; add [[grants]] with `name = "events"`
name = "records"¶ → name = "events"¶
    37:8: grant events: `events` is there twice; remove one of them
    94:1: [[collections]] needs the grant `records`; add [[grants]] with `name = "records"`
name = "fetch" → name = "cache"
    43:9: grant cache: only the grant `fetch` has hosts; remove `hosts`
hosts = [¶    "api.example.com",¶    "*.bureau.example:8443",¶]¶ →
    40:1: grant fetch: `hosts` is missing; write `hosts = ["api.example.com"]`
hosts = [¶    "api.example.com",¶    "*.bureau.example:8443",¶]¶ → hosts = []¶
    43:9: grant fetch: `hosts` is empty; write `hosts = ["api.example.com"]`
"api.example.com" → "10.0.0.1"
    44:5: grant fetch: `10.0.0.1` is an address; write the name of the host
"api.example.com" → "10.0.0.1:80"
    44:5: grant fetch: `10.0.0.1:80` is an address; write the name of the host
"api.example.com" → "[::1]:443"
    44:5: grant fetch: `[::1]:443` is an address; write the name of the host
"api.example.com" → "localhost"
    44:5: grant fetch: `localhost` is this machine; write the name of a host elsewhere
"api.example.com" → "api.localhost:80"
    44:5: grant fetch: `api.localhost:80` is this machine; write the name of a host elsewhere
"api.example.com" → "intranet"
    44:5: grant fetch: `intranet` is no host name; write it in lower case, like api.example.com, *.example.com or api.example.com:8443
"api.example.com" → "*.com"
    44:5: grant fetch: `*.com` is no host name; write it in lower case, like api.example.com, *.example.com or api.example.com:8443
"api.example.com" → "https://api.example.com"
    44:5: grant fetch: `https://api.example.com` is no host name; write it in lower case, like api.example.com, *.example.com or api.example.com:8443
"api.example.com" → "API.example.com"
    44:5: grant fetch: `API.example.com` is no host name; write it in lower case, like api.example.com, *.example.com or api.example.com:8443
"api.example.com" → "api.example.com:0"
    44:5: grant fetch: `api.example.com:0` is no host name; write it in lower case, like api.example.com, *.example.com or api.example.com:8443
"api.example.com" → "a.b.0x7f"
    44:5: grant fetch: `a.b.0x7f` is no host name; write it in lower case, like api.example.com, *.example.com or api.example.com:8443
"api.example.com" → "api..example.com"
    44:5: grant fetch: `api..example.com` is no host name; write it in lower case, like api.example.com, *.example.com or api.example.com:8443
"api.example.com" → "*.bureau.example:8443"
    45:5: grant fetch: `hosts` names `*.bureau.example:8443` twice; name it once
reason = { en = "To know your limits.", zh = "了解您的限额。" }¶ →
    24:1: grant config: `reason` is missing; add `reason = …`, { en = "…", zh = "…" }
key = "greeting" → key = "Greeting"
    49:7: setting Greeting: `Greeting` is no key; use at most 48 lower case letters, digits and underscores, beginning with a letter
key = "greeting" → key = "days"
    57:7: setting days: `days` is there twice; remove or rename one of them
kind = "decimal" → kind = "money"
    66:8: setting credit_limit: `kind` does not know `money`; write one of: text, integer, decimal, boolean, choice, date, secret
kind = "integer" → kind = "intger"
    58:8: setting days: `kind` does not know `intger`; did you mean `integer`?
required = true¶¶[[config]] → required = "yes"¶¶[[config]]
    68:12: setting credit_limit: `required` is string; write true or false
default = 30 → default = "30"
    60:11: setting days: `default` is string; write a whole number
default = 30 → default = 91
    60:11: setting days: `default` does not fit: 91 is too large; write at most 90
minimum = 0 → minimum = 99¶# and
    60:11: setting days: `default` does not fit: 30 is too small; write at least 99
    61:11: setting days: `minimum` 99 is above `maximum` 90; change one of them
default = false → default = 0
    74:11: setting strict: `default` is integer; write true or false
default = "warn" → default = "wran"
    81:11: setting mode: `default` does not fit: `wran` is not in the list; write one of: warn, hold
key = "days"¶ →
    56:1: setting: `key` is missing; add `key = …`, a text in quotes
key = "days"¶kind = "integer"¶title = { en = "Days of credit", zh = "信用天数" }¶default = 30 → key = "days"¶kind = "integer"¶default = 300
    56:1: setting days: `title` is missing; add `title = …`, { en = "…", zh = "…" }
    59:11: setting days: `default` does not fit: 300 is too large; write at most 90
default = "2026-01-01" → default = 2026-01-01
    87:11: setting since: `default` is datetime; write a text in quotes
default = "2026-01-01" → default = "2026-02-30"
    87:11: setting since: `default` does not fit: `2026-02-30` is no date; write year-month-day, for example 2026-01-31
default = "Dear Sir or Madam" → default = ""
    53:11: setting greeting: `default` is empty; write the text or remove the key
length_max = 60 → length_max = 5
    53:11: setting greeting: `default` does not fit: 17 characters are too many; write at most 5
length_max = 60 → length_max = 4001
    54:14: setting greeting: `length_max` is 4001; write a number from 1 to 4000
length_max = 60 → minimum = 1
    54:11: setting greeting: `minimum` is only for kind `integer`; remove it or change `kind`
minimum = 0 → length_max = 1
    61:14: setting days: `length_max` is only for kind `text` or `secret`; remove it or change `kind`
kind = "secret" → kind = "secret"¶default = "x"
    92:11: setting api_key: a secret has no default; remove `default`
kind = "secret" → kind = "secret"¶choices = ["x"]
    92:11: setting api_key: `choices` is only for kind `choice`; remove it or change `kind`
choices = ["warn", "hold"]¶ →
    76:1: setting mode: `choices` is missing; write `choices = ["…", "…"]`
choices = ["warn", "hold"] → choices = ["warn", "warn"]
    80:20: setting mode: `choices` names `warn` twice; name it once
choices = ["warn", "hold"]¶default = "warn" → choices = []
    80:11: setting mode: `choices` is empty; write `choices = ["…", "…"]`
choices = ["warn", "hold"] → choices = ["warn", " "]
    80:20: setting mode: ` ` is no choice; write one line of 1 to 80 characters, without blanks around it
name = "contacts" → name = "My contacts"
    95:8: collection My contacts: `My contacts` is no name; use at most 48 lower case letters, digits and single hyphens, beginning with a letter
key = "name" → key = "full name"
    99:7: field contacts.full name: `full name` is no key; use at most 48 lower case letters, digits and underscores, beginning with a letter
    117:20: collection contacts: the collection has no field `name`; write one of: full name, mood, party
key = "party" → key = "name"
    106:7: field contacts.name: `name` is there twice; remove or rename one of them
    117:11: collection contacts: the collection has no field `party`; write one of: mood, name
kind = "reference" → kind = "refrence"
    107:8: field contacts.party: `kind` does not know `refrence`; did you mean `reference`?
choices = ["good", "bad"]¶ →
    110:1: field contacts.mood: `choices` is missing; write `choices = ["…", "…"]`
fields = ["party", "name"] → fields = ["partner", "name"]
    117:11: collection contacts: the collection has no field `partner`; write one of: mood, name, party
fields = ["party", "name"] → fields = ["party", "name", "mood", "party"]
    117:10: collection contacts: `fields` has 4 entries; name at most 3
fields = ["party", "name"]¶ →
    116:1: collection contacts: `fields` is missing; write `fields = ["…"]`
unique = true → unique = 1
    118:10: collection contacts: `unique` is integer; write true or false
kind = "order.imported" → kind = "order.import"
    121:8: event order.import: there is no event `order.import`; did you mean `order.imported`?
[[events]] → [[events]]¶kind = "order.imported"¶[[events]]
    123:8: event order.imported: `order.imported` is there twice; remove or rename one of them
name = "daily-follow-up" → name = "daily_follow_up"
    124:8: schedule daily_follow_up: `daily_follow_up` is no name; use at most 48 lower case letters, digits and single hyphens, beginning with a letter
every = "1d" → every = "2d"
    125:9: schedule daily-follow-up: `every` does not know `2d`; did you mean `1d`?
[[schedule]] → [[schedule]]¶name = "daily-follow-up"¶every = "1h"¶[[schedule]]
    127:8: schedule daily-follow-up: `daily-follow-up` is there twice; remove or rename one of them
fuel = 50000000 → fuel = 200000001
    128:8: limits: `fuel` is 200000001; write a number from 1 to 200000000 or remove it
fuel = 50000000 → fuel = 0
    128:8: limits: `fuel` is 0; write a number from 1 to 200000000 or remove it
memory_mib = 16 → memory_mib = 33
    129:14: limits: `memory_mib` is 33; write a number from 1 to 32 or remove it
records_max = 5000 → records_max = 1000001
    130:15: limits: `records_max` is 1000001; write a number from 1 to 1000000 or remove it
[limits] → [[limits]]
    127:1: `limits` is array; write a table
"#;

/// The rows: a piece, what replaces it, and the problems.
fn rows() -> Vec<(String, String, Vec<&'static str>)> {
    let mut rows: Vec<(String, String, Vec<&str>)> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("    ") {
            Some(problem) => rows.last_mut().expect("a table begins with an edit").2.push(problem),
            None => {
                let (piece, other) = line.split_once(" →").expect("an edit has an arrow");
                let other = other.strip_prefix(' ').unwrap_or_default();
                rows.push((piece.replace('¶', "\n"), other.replace('¶', "\n"), Vec::new()));
            }
        }
    }
    rows
}

#[test]
fn each_edit_of_the_example_makes_exactly_its_problems() {
    let rows = rows();
    assert!(rows.len() > 90, "{} rows", rows.len());
    for (piece, other, expected) in rows {
        assert_eq!(problems(&edited(&[(&piece, &other)])), expected, "{piece} → {other}");
    }
}
