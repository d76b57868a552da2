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
    /// A package of a plugin has come.
    PluginInstalled,
    /// It was there before.
    PluginThere,
    /// The release of this number is made.
    Released(u64),
    /// The release of this number takes part.
    Activated(u64),
    /// The release of this number takes part again.
    WentBack(u64),
    /// The plugin takes part no more for now.
    Suspended,
    /// It goes on with the release of this number.
    Resumed(u64),
    /// The plugin is gone.
    Uninstalled,
    /// The plugin has changed since its page was made.
    PluginMoved,
    /// An app has done what it was asked.
    Acted,
    /// A note stands beside the order.
    Noted,
    /// The price is in the order.
    Priced,
    /// The price is another one by now.
    PriceMoved,
    /// A key is trusted.
    KeyTrusted,
    /// It was before.
    KeyKnown,
    /// A key is trusted no more.
    KeyRevoked,
    /// Something is in line for a webhook.
    WebhookSent,
    /// Nothing is sent to a webhook for now.
    WebhookStopped,
    /// A webhook is sent to again.
    WebhookResumed,
    /// A webhook is gone.
    WebhookEnded,
    /// A webhook has changed since its page was made.
    WebhookMoved,
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
            Self::PluginInstalled => "plugin-installed".to_owned(),
            Self::PluginThere => "plugin-there".to_owned(),
            Self::Released(number) => format!("released.{number}"),
            Self::Activated(number) => format!("activated.{number}"),
            Self::WentBack(number) => format!("went-back.{number}"),
            Self::Suspended => "suspended".to_owned(),
            Self::Resumed(number) => format!("resumed.{number}"),
            Self::Uninstalled => "uninstalled".to_owned(),
            Self::PluginMoved => "plugin-moved".to_owned(),
            Self::Acted => "acted".to_owned(),
            Self::Noted => "noted".to_owned(),
            Self::Priced => "priced".to_owned(),
            Self::PriceMoved => "price-moved".to_owned(),
            Self::KeyTrusted => "key-trusted".to_owned(),
            Self::KeyKnown => "key-known".to_owned(),
            Self::KeyRevoked => "key-revoked".to_owned(),
            Self::WebhookSent => "webhook-sent".to_owned(),
            Self::WebhookStopped => "webhook-stopped".to_owned(),
            Self::WebhookResumed => "webhook-resumed".to_owned(),
            Self::WebhookEnded => "webhook-ended".to_owned(),
            Self::WebhookMoved => "webhook-moved".to_owned(),
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
            ("plugin-installed", None) => Some(Self::PluginInstalled),
            ("plugin-there", None) => Some(Self::PluginThere),
            ("released", Some(number)) => Some(Self::Released(number)),
            ("activated", Some(number)) => Some(Self::Activated(number)),
            ("went-back", Some(number)) => Some(Self::WentBack(number)),
            ("suspended", None) => Some(Self::Suspended),
            ("resumed", Some(number)) => Some(Self::Resumed(number)),
            ("uninstalled", None) => Some(Self::Uninstalled),
            ("plugin-moved", None) => Some(Self::PluginMoved),
            ("acted", None) => Some(Self::Acted),
            ("noted", None) => Some(Self::Noted),
            ("priced", None) => Some(Self::Priced),
            ("price-moved", None) => Some(Self::PriceMoved),
            ("key-trusted", None) => Some(Self::KeyTrusted),
            ("key-known", None) => Some(Self::KeyKnown),
            ("key-revoked", None) => Some(Self::KeyRevoked),
            ("webhook-sent", None) => Some(Self::WebhookSent),
            ("webhook-stopped", None) => Some(Self::WebhookStopped),
            ("webhook-resumed", None) => Some(Self::WebhookResumed),
            ("webhook-ended", None) => Some(Self::WebhookEnded),
            ("webhook-moved", None) => Some(Self::WebhookMoved),
            _ => None,
        }
    }

    pub(super) fn say(self, words: &Words) -> Said {
        let of = |number: u64| [("number".to_owned(), number.to_string())];
        let (tone, text) = match self {
            Self::Issued(count) => ("good", words.count("notice.issued", count, vec![])),
            Self::Unchanged => ("info", words.say("notice.unchanged", &[])),
            Self::Refused(count) => ("bad", words.count("notice.refused", count, vec![])),
            Self::Moved => ("warning", words.say("notice.moved", &[])),
            Self::Voided => ("good", words.say("notice.voided", &[])),
            Self::VoidAlready => ("info", words.say("notice.void_already", &[])),
            Self::Revised => ("warning", words.say("notice.revised", &[])),
            Self::SignedOut => ("good", words.say("notice.signed_out", &[])),
            Self::PluginInstalled => ("good", words.say("notice.plugin_installed", &[])),
            Self::PluginThere => ("info", words.say("notice.plugin_there", &[])),
            Self::Released(number) => ("good", words.say("notice.released", &of(number))),
            Self::Activated(number) => ("good", words.say("notice.activated", &of(number))),
            Self::WentBack(number) => ("good", words.say("notice.went_back", &of(number))),
            Self::Suspended => ("good", words.say("notice.suspended", &[])),
            Self::Resumed(number) => ("good", words.say("notice.resumed", &of(number))),
            Self::Uninstalled => ("good", words.say("notice.uninstalled", &[])),
            Self::PluginMoved => ("warning", words.say("notice.plugin_moved", &[])),
            Self::Acted => ("good", words.say("notice.acted", &[])),
            Self::Noted => ("good", words.say("notice.noted", &[])),
            Self::Priced => ("good", words.say("notice.priced", &[])),
            Self::PriceMoved => ("warning", words.say("notice.price_moved", &[])),
            Self::KeyTrusted => ("good", words.say("notice.key_trusted", &[])),
            Self::KeyKnown => ("info", words.say("notice.key_known", &[])),
            Self::KeyRevoked => ("good", words.say("notice.key_revoked", &[])),
            Self::WebhookSent => ("good", words.say("notice.webhook_sent", &[])),
            Self::WebhookStopped => ("good", words.say("notice.webhook_stopped", &[])),
            Self::WebhookResumed => ("good", words.say("notice.webhook_resumed", &[])),
            Self::WebhookEnded => ("good", words.say("notice.webhook_ended", &[])),
            Self::WebhookMoved => ("warning", words.say("notice.webhook_moved", &[])),
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
        let numbered = [Notice::Released(1), Notice::Activated(2), Notice::WentBack(3), Notice::Resumed(4)];
        let of_plugins = [
            Notice::PluginInstalled,
            Notice::PluginThere,
            Notice::Suspended,
            Notice::Uninstalled,
            Notice::PluginMoved,
            Notice::KeyTrusted,
            Notice::KeyKnown,
            Notice::KeyRevoked,
            Notice::WebhookSent,
            Notice::WebhookStopped,
            Notice::WebhookResumed,
            Notice::WebhookEnded,
            Notice::WebhookMoved,
        ];
        let plain = [Notice::Unchanged, Notice::Moved, Notice::Voided, Notice::VoidAlready, Notice::Revised, Notice::SignedOut];
        let beside = [Notice::Acted, Notice::Noted, Notice::Priced, Notice::PriceMoved];
        for notice in counted.into_iter().chain(plain).chain(beside).chain(numbered).chain(of_plugins) {
            assert_eq!(Notice::read(&notice.word()), Some(notice));
        }
        for word in ["", "issued", "issued.x", "issued.-1", "moved.2", "void", "voided.1", "<b>"] {
            assert_eq!(Notice::read(word), None, "{word}");
        }
    }
}
