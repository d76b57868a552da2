//! Who made a release or changed a plugin, for people. Names of users and programs are an administrator's to see; others see what kind it was.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Console;
use super::super::visitor::Visitor;
use crate::access::{self, Who};
use crate::kernel::id::{TokenId, UserId};
use crate::web::Problem;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Doer {
    /// `user`, `token`, `operator` or `worker`.
    kind: &'static str,
    /// As the firm calls it, when that is known.
    name: Option<String>,
    /// As the log has it.
    id: String,
}

/// The names that a visitor may read, by id.
#[derive(Debug)]
pub(super) struct People(BTreeMap<String, String>);

impl People {
    pub(super) async fn of(console: &Console, visitor: &Visitor) -> Result<Self, Problem> {
        let (ctx, actor) = (&console.ctx, visitor.actor());
        let mut names = BTreeMap::new();
        if visitor.may_administer() {
            names.extend(access::list_users(ctx, actor).await?.into_iter().map(|user| (user.id.to_string(), user.name)));
            names.extend(access::list_tokens(ctx, actor).await?.into_iter().map(|token| (token.id.to_string(), token.name)));
        }
        if let Who::User(id) = actor.who() {
            names.insert(id.to_string(), visitor.session.person.name.clone());
        }
        Ok(Self(names))
    }

    pub(super) fn doer(&self, who: &str) -> Doer {
        let kind = if who.parse::<UserId>().is_ok() {
            "user"
        } else if who.parse::<TokenId>().is_ok() {
            "token"
        } else if who == Who::Worker.to_string() {
            "worker"
        } else {
            "operator"
        };
        Doer { kind, name: self.0.get(who).cloned(), id: who.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_stands_in_the_log_is_of_a_kind() {
        let user = "usr_01j9zzzzzzzzzzzzzzzzzzzzzz";
        let people = People(BTreeMap::from([(user.to_owned(), "Ann".to_owned())]));
        let token = "tok_01j9zzzzzzzzzzzzzzzzzzzzzz";
        for (who, kind, name) in
            [(user, "user", Some("Ann")), (token, "token", None), ("operator", "operator", None), ("worker", "worker", None)]
        {
            let doer = people.doer(who);
            assert_eq!((doer.kind, doer.name.as_deref(), doer.id.as_str()), (kind, name, who));
        }
    }
}
