//! Why something was not done, as its page says it: what an administrator can mend comes back in the reader's words, anything else stays a
//! problem.

use axum::http::StatusCode;
use serde::Serialize;

use super::super::document::Moment;
use super::super::text::Words;
use crate::plugin::signature::{Part, Refused};
use crate::plugin::{Error, OPERATOR};
use crate::web::Problem;

/// Why something was not done.
#[derive(Debug, Serialize)]
pub(super) struct Trouble {
    /// In the reader's language.
    says: String,
    /// What the package's author has to know of it, in English.
    details: Vec<String>,
    #[serde(skip)]
    pub(super) status: StatusCode,
}

impl Trouble {
    /// # Errors
    /// The problem, when the error is none that the page can say.
    pub(super) fn of(error: Error, words: &Words) -> Result<Self, Problem> {
        let (says, details) = match &error {
            Error::Refused(refused) => (refusal(refused, words), reason(refused)),
            Error::Unfit(wrong) => (words.say("plugin_trouble.unfit", &[]), wrong.clone()),
            Error::Component(unfit) => (words.say("plugin_trouble.unfit", &[]), vec![unfit.to_string()]),
            Error::Package(damage) => (words.say("plugin_trouble.no_package", &[]), vec![damage.to_string()]),
            Error::TooMany => (words.say("plugin_trouble.too_many", &[]), Vec::new()),
            Error::TooManyKeys => (words.say("plugin_trouble.too_many_keys", &[]), Vec::new()),
            Error::Registry(error) => (words.say("plugin_trouble.registry", &[]), vec![error.to_string()]),
            Error::Unknown("package on offer") => (words.say("plugin_trouble.gone", &[]), Vec::new()),
            _ => return Err(error.into()),
        };
        let status = Problem::from(error).kind().status();
        Ok(Self { says: says.unwrap_or_default(), details, status })
    }
}

/// What stands in a signature that cannot be read says its reader.
fn reason(refused: &Refused) -> Vec<String> {
    match refused {
        Refused::Malformed { reason } => vec![reason.clone()],
        _ => Vec::new(),
    }
}

fn refusal(refused: &Refused, words: &Words) -> Option<String> {
    let say = |key: &str, pairs: &[(&str, String)]| {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        words.say(key, &pairs)
    };
    // The operator has no name of its own.
    let operator = || words.say("plugin_trouble.operator", &[]).unwrap_or_default();
    let named = |signer: &String| if signer == OPERATOR { operator() } else { signer.clone() };
    match refused {
        Refused::Unsigned => words.say("plugin_trouble.unsigned", &[]),
        Refused::Malformed { .. } => words.say("plugin_trouble.malformed", &[]),
        Refused::UntrustedKey { key_ids } => say("plugin_trouble.untrusted_key", &[("keys", key_ids.join(", "))]),
        Refused::BadSignature { signer, key_id } => {
            say("plugin_trouble.bad_signature", &[("signer", named(signer)), ("key", key_id.clone())])
        }
        Refused::OtherPackage { signer, signed, expected } => {
            let pairs = [("signer", named(signer)), ("signed", signed.clone()), ("expected", expected.clone())];
            say("plugin_trouble.other_package", &pairs)
        }
        Refused::Tampered { signer, part } => {
            let by = [("signer", named(signer))];
            match part {
                Part::Package => say("plugin_trouble.tampered_package", &by),
                Part::Component => say("plugin_trouble.tampered_component", &by),
                Part::PluginManifest => say("plugin_trouble.tampered_manifest", &by),
            }
        }
        Refused::Expired { signer, not_after } => {
            say("plugin_trouble.expired", &[("signer", named(signer)), ("until", Moment::from(*not_after).text)])
        }
        Refused::WrongAudience { signer, audience, we } => {
            let audience = if audience.is_empty() { "—".to_owned() } else { audience.join(", ") };
            let pairs = [("signer", named(signer)), ("audience", audience), ("we", we.join(", "))];
            say("plugin_trouble.wrong_audience", &pairs)
        }
        Refused::Downgraded { active, candidate } => {
            say("plugin_trouble.downgraded", &[("active", active.to_string()), ("candidate", candidate.to_string())])
        }
    }
}
