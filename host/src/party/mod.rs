//! Parties: everyone outside of the tenant. Buyers, consignees, notify parties, suppliers, forwarders, carriers, banks, authorities.
//!
//! A party is made by hand or comes with an order; it is found again by the id that its source system gave it. It holds its name and
//! address once a script, structured. It is archived, never deleted; papers keep what they were issued with.

pub mod routes;
pub mod table;

use serde::{Deserialize, Serialize};

use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db;
use crate::kernel::id::PartyId;
use crate::kernel::time::Instant;

/// The most entries that any list of a party or a company has.
const ENTRIES_MAX: usize = 20;

/// A name and an address in one script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InScript {
    /// ISO 15924: `Latn`, `Hans`, `Jpan`, `Arab`.
    pub script: String,
    /// The name. Personal when the party is a person.
    pub name: String,
    /// The address, a line each, without the country. Personal when the party is a person.
    #[serde(default)]
    pub address: Vec<String>,
}

/// A number that a country's tax or customs office gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxId {
    /// Which: `USCC`, `PIN`, `TIN`, `EORI`, `customs`.
    pub kind: String,
    /// The number.
    pub value: String,
}

/// A person or a desk to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Who. Personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Telephone, international form. Personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail address. Personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// What is said about a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The system that it comes from, with `external_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Its id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Names and addresses; the first is the one in lists.
    pub scripts: Vec<InScript>,
    /// Numbers of tax and customs offices.
    #[serde(default)]
    pub tax_ids: Vec<TaxId>,
    /// People to ask for.
    #[serde(default)]
    pub contacts: Vec<Contact>,
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Its id.
    pub id: PartyId,
    /// What is said about it.
    #[serde(flatten)]
    pub input: Input,
    /// From 1, raised by each change.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
}

/// What can go wrong with parties.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not fit to be stored.
    #[error("{place}: {fix}")]
    Input {
        /// A JSON pointer.
        place: String,
        /// What to write instead.
        fix: &'static str,
    },
    /// No such party.
    #[error("there is no such party")]
    Unknown,
    /// Another one has these external ids.
    #[error("a party with this source and external id is there already; change that one")]
    Taken,
    /// Somebody changed it meanwhile.
    #[error("the party has changed to version {now}; read it again and send your change with that version")]
    Moved {
        /// The version that it has.
        now: i64,
    },
    /// Who asks may not.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The command.
    #[error(transparent)]
    Command(#[from] command::Error),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A fault of this program.
    #[error("an answer could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Checks what parties and companies share.
pub(crate) fn check_scripts(scripts: &[InScript], country: &str) -> Result<(), (String, &'static str)> {
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(("/country".to_owned(), "write two capital letters of ISO 3166-1, for example KE"));
    }
    if !(1..=ENTRIES_MAX).contains(&scripts.len()) {
        return Err(("/scripts".to_owned(), "give 1 to 20 names, one a script"));
    }
    for (index, one) in scripts.iter().enumerate() {
        let script = one.script.len() == 4 && one.script.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !script {
            return Err((format!("/scripts/{index}/script"), "write four letters of ISO 15924, for example Latn or Hans"));
        }
        if !printable(&one.name, 200) {
            return Err((format!("/scripts/{index}/name"), "write 1 to 200 characters without control characters"));
        }
        if one.address.len() > ENTRIES_MAX || one.address.iter().any(|line| !printable(line, 200)) {
            return Err((
                format!("/scripts/{index}/address"),
                "write at most 20 lines of 1 to 200 characters without control characters",
            ));
        }
    }
    Ok(())
}

/// Whether text has 1 to `max` characters and none that a printer cannot show.
pub(crate) fn printable(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.trim().chars().count()) && text.chars().count() <= max && !text.chars().any(char::is_control)
}

fn check(input: &Input) -> Result<(), Error> {
    check_scripts(&input.scripts, &input.country).map_err(|(place, fix)| Error::Input { place, fix })?;
    let refused = |place: &str, fix| Err(Error::Input { place: place.to_owned(), fix });
    if input.source.is_some() != input.external_id.is_some() {
        return refused("/external_id", "give source and external_id together, or neither");
    }
    if [&input.source, &input.external_id].into_iter().flatten().any(|text| !printable(text, 200)) {
        return refused("/external_id", "write 1 to 200 characters without control characters");
    }
    if input.tax_ids.len() > ENTRIES_MAX || input.tax_ids.iter().any(|id| !printable(&id.kind, 40) || !printable(&id.value, 80)) {
        return refused("/tax_ids", "give at most 20, each with a kind and a value");
    }
    let texts = input.contacts.iter().flat_map(|one| [&one.name, &one.phone, &one.email]).flatten();
    if input.contacts.len() > ENTRIES_MAX || texts.into_iter().any(|text| !printable(text, 254)) {
        return refused("/contacts", "give at most 20, without control characters");
    }
    Ok(())
}

/// Adds a party. Clerks may.
///
/// # Errors
/// All but [`Error::Unknown`] and [`Error::Moved`].
pub async fn create(ctx: &Ctx, actor: &Actor, request: Request, input: Input) -> Result<Answer, Error> {
    actor.must_be(Role::Clerk)?;
    check(&input)?;
    let party = Party { id: ctx.id(), input, version: 1, created_at: ctx.now() };
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let party = party.clone();
        async move {
            if !table::insert(&tx, &party).await? {
                return Err(Error::Taken);
            }
            Ok(Done {
                answer: Answer::json(201, &party)?,
                verb: "party.create",
                subject: Some(party.id.to_string()),
                before: None,
                after: Some(serde_json::json!({ "version": 1 })),
            })
        }
    }))
    .await
}

/// Replaces what is said about a party, if its version still is `version`. Clerks may.
///
/// # Errors
/// All of [`Error`].
pub async fn replace(
    ctx: &Ctx,
    actor: &Actor,
    request: Request,
    id: PartyId,
    version: i64,
    input: Input,
) -> Result<Answer, Error> {
    actor.must_be(Role::Clerk)?;
    check(&input)?;
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let input = input.clone();
        async move {
            let was = table::by_id(&tx, id).await?.ok_or(Error::Unknown)?;
            let party = Party { id, input, version: version + 1, created_at: was.created_at };
            if was.version != version || !table::advance(&tx, version, &party).await? {
                return Err(Error::Moved { now: was.version });
            }
            Ok(Done {
                answer: Answer::json(200, &party)?,
                verb: "party.replace",
                subject: Some(id.to_string()),
                before: Some(serde_json::json!({ "version": version })),
                after: Some(serde_json::json!({ "version": party.version })),
            })
        }
    }))
    .await
}

/// A party.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`].
pub async fn get(ctx: &Ctx, actor: &Actor, id: PartyId) -> Result<Party, Error> {
    table::by_id(&ctx.db.read(actor).await?, id).await?.ok_or(Error::Unknown)
}

/// A page of parties after `after`, newest first, whose name has `name` in it. Ask for one more than is shown.
///
/// # Errors
/// [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, name: Option<&str>, after: Option<PartyId>, rows: u64) -> Result<Vec<Party>, Error> {
    Ok(table::page(&ctx.db.read(actor).await?, name, after, rows).await?)
}
