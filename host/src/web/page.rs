//! Pages by cursor: `?limit=50&after=ord_…`. A cursor is the id of the last row that was shown, so a page neither skips nor repeats a row
//! while others come.

use serde::{Deserialize, Serialize};

use super::{Kind, Problem};

/// How many rows a page has when nobody says.
const ROWS_DEFAULT: u64 = 50;
/// The most that anybody may ask for.
const ROWS_MAX: u64 = 200;

/// What a caller asks of a list.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// How many rows, 1 to 200.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

impl Cursor {
    /// How many rows to show.
    ///
    /// # Errors
    /// When it is 0 or above 200.
    pub fn rows(&self) -> Result<u64, Problem> {
        match self.limit {
            None => Ok(ROWS_DEFAULT),
            Some(rows @ 1..=ROWS_MAX) => Ok(rows),
            Some(_) => Err(Problem::new(Kind::Invalid, format!("limit is 1 to {ROWS_MAX}."))),
        }
    }

    /// After which id the page begins.
    ///
    /// # Errors
    /// When it is not a cursor of this list.
    pub fn after<I: std::str::FromStr>(&self) -> Result<Option<I>, Problem> {
        let read = |text: &String| {
            text.parse().map_err(|_| Problem::new(Kind::Invalid, "after is the `next` of the page before, as it was sent."))
        };
        self.after.as_ref().map(read).transpose()
    }
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The `after` of the next page; none on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page out of `rows` + 1 rows: the last one only tells that there is more.
    #[must_use]
    pub fn of(mut found: Vec<T>, rows: u64, id: impl Fn(&T) -> String) -> Self {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let more = found.len() > rows;
        found.truncate(rows);
        let next = if more { found.last().map(id) } else { None };
        Self { items: found, next }
    }

    /// The same page with other rows.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_too_many_becomes_the_cursor_of_the_one_before_it() {
        let page = Page::of(vec![3, 2, 1], 2, ToString::to_string);
        assert_eq!((page.items, page.next.as_deref()), (vec![3, 2], Some("2")));
        assert_eq!(Page::of(vec![3, 2], 2, ToString::to_string).next, None);
    }
}
