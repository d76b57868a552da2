//! `WWW-Authenticate`: how a registry wants to be asked.

/// How to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// With user and password in every request.
    Basic,
    /// With a token from a service.
    Bearer {
        /// The service's address.
        realm: String,
        /// What the service calls the registry.
        service: Option<String>,
    },
}

impl Challenge {
    /// The best of what the headers offer. A token is better: the password leaves this machine once.
    pub(super) fn of<'a>(headers: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut found = None;
        for header in headers {
            let header = header.trim_start();
            let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
            if scheme.eq_ignore_ascii_case("bearer") {
                let mut pairs = parameters(rest);
                let mut take = |name: &str| {
                    let at = pairs.iter().position(|(key, _)| key.eq_ignore_ascii_case(name));
                    at.map(|at| pairs.swap_remove(at).1)
                };
                if let Some(realm) = take("realm") {
                    return Some(Self::Bearer { realm, service: take("service") });
                }
            } else if scheme.eq_ignore_ascii_case("basic") {
                found = Some(Self::Basic);
            }
        }
        found
    }
}

/// `a="b",c=d` as pairs. What cannot be read ends the list.
fn parameters(text: &str) -> Vec<(String, String)> {
    let (mut pairs, mut rest) = (Vec::new(), text);
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches([' ', ',', '\t']).to_owned();
        let value = match after.strip_prefix('"') {
            Some(quoted) => {
                let Some((value, after)) = unquoted(quoted) else { break };
                rest = after;
                value
            }
            None => {
                let end = after.find(',').unwrap_or(after.len());
                let (value, after) = after.split_at(end);
                rest = after;
                value.trim().to_owned()
            }
        };
        pairs.push((key, value));
    }
    pairs
}

/// A quoted text up to its end, and what follows.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut letters) = (String::new(), text.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return text.get(at + 1..).map(|rest| (value, rest)),
            '\\' => value.push(letters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_registries_send_is_read() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) })
        };
        let of = |headers: &[&str]| Challenge::of(headers.iter().copied());
        let full =
            r#"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull,push""#;
        assert_eq!(of(&[full]), bearer("https://auth.example.com/token", Some("registry.example.com")));
        assert_eq!(of(&[r#"bearer scope="a,b", realm="https://a/\"b\"""#]), bearer("https://a/\"b\"", None));
        assert_eq!(of(&["Bearer realm=https://a/t,service=x"]), bearer("https://a/t", Some("x")));
        assert_eq!(of(&[r#"Basic realm="x""#, r#"Bearer realm="https://a/t""#]), bearer("https://a/t", None));
        assert_eq!(of(&[r#"Basic realm="x""#]), Some(Challenge::Basic));
        for odd in ["", "Bearer", "Bearer realm", r#"Bearer realm="open"#, r#"Bearer service="x""#, "Digest realm=\"x\"", "é"] {
            assert_eq!(of(&[odd]), None, "{odd}");
        }
    }
}
