//! What has just happened, said once on the page that follows: a short word in a cookie, never a text of anybody's.

use super::text::Words;
use super::view::Said;

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// So many papers were issued.
    Issued(u64),
    /// Every paper was there already.
    Unchanged,
    /// So many findings stopped the papers.
    Refused(u64),
    /// The order has changed since its page was made.
    Moved,
    /// The document is void.
    Voided,
    /// It was void before.
    VoidAlready,
    /// The document has got a revision since its page was made.
    Revised,
    /// The session ended.
    SignedOut,
}

impl Notice {
    /// As the cookie holds it.
    pub(super) fn word(self) -> String {
        match self {
            Self::Issued(count) => format!("issued.{count}"),
            Self::Unchanged => "unchanged".to_owned(),
            Self::Refused(count) => format!("refused.{count}"),
            Self::Moved => "moved".to_owned(),
            Self::Voided => "voided".to_owned(),
            Self::VoidAlready => "void-already".to_owned(),
            Self::Revised => "revised".to_owned(),
            Self::SignedOut => "signed-out".to_owned(),
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        let (name, count) = word.split_once('.').map_or((word, None), |(name, count)| (name, count.parse().ok()));
        match (name, count) {
            ("issued", Some(count)) => Some(Self::Issued(count)),
            ("unchanged", None) => Some(Self::Unchanged),
            ("refused", Some(count)) => Some(Self::Refused(count)),
            ("moved", None) => Some(Self::Moved),
            ("voided", None) => Some(Self::Voided),
            ("void-already", None) => Some(Self::VoidAlready),
            ("revised", None) => Some(Self::Revised),
            ("signed-out", None) => Some(Self::SignedOut),
            _ => None,
        }
    }

    pub(super) fn say(self, words: &Words) -> Said {
        let (tone, text) = match self {
            Self::Issued(count) => ("good", words.count("notice.issued", count, vec![])),
            Self::Unchanged => ("info", words.say("notice.unchanged", &[])),
            Self::Refused(count) => ("bad", words.count("notice.refused", count, vec![])),
            Self::Moved => ("warning", words.say("notice.moved", &[])),
            Self::Voided => ("good", words.say("notice.voided", &[])),
            Self::VoidAlready => ("info", words.say("notice.void_already", &[])),
            Self::Revised => ("warning", words.say("notice.revised", &[])),
            Self::SignedOut => ("good", words.say("notice.signed_out", &[])),
        };
        Said { tone, text: text.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_back_and_nothing_else_is_one() {
        let counted = [Notice::Issued(8), Notice::Refused(2)];
        let plain = [Notice::Unchanged, Notice::Moved, Notice::Voided, Notice::VoidAlready, Notice::Revised, Notice::SignedOut];
        for notice in counted.into_iter().chain(plain) {
            assert_eq!(Notice::read(&notice.word()), Some(notice));
        }
        for word in ["", "issued", "issued.x", "issued.-1", "moved.2", "void", "voided.1", "<b>"] {
            assert_eq!(Notice::read(word), None, "{word}");
        }
    }
}
