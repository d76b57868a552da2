//! What stands in the address: an id in the path, and the query.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Kind, Problem};

/// The id of `/{id}`. Text that is no id of the wanted kind is as unknown as an id of nothing.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

impl<S, T> FromRequestParts<S> for Id<T>
where
    S: Send + Sync,
    T: std::str::FromStr,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = text.and_then(|Path(text)| text.parse().ok());
        id.map(Self)
            .ok_or_else(|| Problem::new(Kind::NotFound, "Nothing of yours has this id; a list of what is there gives the ids."))
    }
}

/// The longest name in an address, bytes.
const NAME_BYTES_MAX: usize = 64;

/// The names in an address, in its order: of a plugin, an action, a collection. What cannot be one is as unknown as the name of nothing: no
/// database takes every text.
#[derive(Debug, Clone)]
pub struct Names<const N: usize>(pub [String; N]);

impl<S, const N: usize> FromRequestParts<S> for Names<N>
where
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await.ok();
        let names: Vec<String> = found.into_iter().flat_map(|Path(pairs)| pairs).map(|(_, name)| name).collect();
        let is_name = |name: &String| {
            (1..=NAME_BYTES_MAX).contains(&name.len())
                && name.bytes().all(|byte| b"-_".contains(&byte) || byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let names = if names.iter().all(is_name) { names.try_into().ok() } else { None };
        names.map(Self).ok_or_else(|| Problem::new(Kind::NotFound, "Nothing of yours has this name; a list shows what is there."))
    }
}

/// The query, read into named parameters; one that does not exist is refused, because a misspelt filter is no filter.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(has_control) {
            return Err(Problem::new(Kind::Invalid, "The query has a control character; no name, number or cursor has one."));
        }
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(Kind::Invalid, format!("The query does not fit: {}.", rejection.body_text()))),
        }
    }
}

/// Whether a query holds a percent-encoded ASCII control character. PostgreSQL takes no NUL in any text, and nobody searches for the others.
fn has_control(query: &str) -> bool {
    query.split('%').skip(1).any(|rest| match rest.as_bytes() {
        [b'0' | b'1', second, ..] => second.is_ascii_hexdigit(),
        [b'7', b'f' | b'F', ..] => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_seen_and_others_are_not() {
        for query in ["text=%00", "text=a%0Ab", "text=%1f", "text=%7F"] {
            assert!(has_control(query), "{query}");
        }
        for query in ["text=%20", "text=%C3%A4", "text=100%25", "text=%7e", "text=%0", "text=00"] {
            assert!(!has_control(query), "{query}");
        }
    }
}
