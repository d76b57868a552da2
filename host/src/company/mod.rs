//! Companies: the legal entities of a tenant. Every order names the one that sells.
//!
//! A company is made by an administrator or comes with the first order that names it. It has a letterhead in one or more scripts, tax ids,
//! bank accounts, a seal, a home currency, and the time zone in which its legal dates are reckoned. It is archived, never deleted;
//! papers keep the letterhead that they were issued with.

pub mod routes;
pub mod table;

use serde::{Deserialize, Serialize};

use crate::access::{self, Actor, Role};
use crate::command::{self, Answer, Done, Request};
use crate::kernel::Ctx;
use crate::kernel::db;
use crate::kernel::id::CompanyId;
use crate::kernel::money::Currency;
use crate::kernel::time::{Instant, Zone};
use crate::party::{InScript, TaxId, check_scripts, printable};

/// The most bank accounts of a company.
const ACCOUNTS_MAX: usize = 50;

/// Where the company is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// The currency that it takes.
    pub currency: Currency,
    /// The bank's name.
    pub bank: String,
    /// The bank's address, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_address: Option<String>,
    /// BIC, 8 or 11 characters.
    pub swift: String,
    /// Account number or IBAN.
    pub account: String,
    /// In whose name.
    pub holder: String,
}

/// What is said about a company.
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
    /// In which it keeps its books.
    pub home_currency: Currency,
    /// In which its legal dates are reckoned.
    pub zone: Zone,
    /// The letterhead, a script each; the first is the one in lists.
    pub scripts: Vec<InScript>,
    /// Numbers of tax and customs offices.
    #[serde(default)]
    pub tax_ids: Vec<TaxId>,
    /// Where it is paid.
    #[serde(default)]
    pub bank_accounts: Vec<BankAccount>,
    /// The picture of its seal: the SHA-256 of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_object: Option<String>,
}

/// A company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// What is said about it.
    #[serde(flatten)]
    pub input: Input,
    /// From 1, raised by each change.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
}

/// What can go wrong with companies.
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
    /// No such company.
    #[error("there is no such company")]
    Unknown,
    /// Another one has these external ids.
    #[error("a company with this source and external id is there already; change that one")]
    Taken,
    /// Somebody changed it meanwhile.
    #[error("the company has changed to version {now}; read it again and send your change with that version")]
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

fn check(input: &Input) -> Result<(), Error> {
    check_scripts(&input.scripts, &input.country).map_err(|(place, fix)| Error::Input { place, fix })?;
    let refused = |place: &str, fix| Err(Error::Input { place: place.to_owned(), fix });
    if input.source.is_some() != input.external_id.is_some() {
        return refused("/external_id", "give source and external_id together, or neither");
    }
    if [&input.source, &input.external_id].into_iter().flatten().any(|text| !printable(text, 200)) {
        return refused("/external_id", "write 1 to 200 characters without control characters");
    }
    if input.tax_ids.len() > ACCOUNTS_MAX || input.tax_ids.iter().any(|id| !printable(&id.kind, 40) || !printable(&id.value, 80))
    {
        return refused("/tax_ids", "give at most 50, each with a kind and a value");
    }
    let account = |one: &BankAccount| {
        printable(&one.bank, 200) && printable(&one.swift, 11) && printable(&one.account, 64) && printable(&one.holder, 200)
    };
    if input.bank_accounts.len() > ACCOUNTS_MAX || !input.bank_accounts.iter().all(account) {
        return refused("/bank_accounts", "give at most 50, each with bank, swift (8 or 11 characters), account and holder");
    }
    let sha256 = |name: &String| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !input.seal_object.as_ref().is_none_or(sha256) {
        return refused("/seal_object", "write the SHA-256 of an object in 64 hexadecimal digits");
    }
    Ok(())
}

/// Adds a company. Administrators may.
///
/// # Errors
/// All but [`Error::Unknown`] and [`Error::Moved`].
pub async fn create(ctx: &Ctx, actor: &Actor, request: Request, input: Input) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    check(&input)?;
    let company = Company { id: ctx.id(), input, version: 1, created_at: ctx.now() };
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let company = company.clone();
        async move {
            if !table::insert(&tx, &company).await? {
                return Err(Error::Taken);
            }
            Ok(Done {
                answer: Answer::json(201, &company)?,
                verb: "company.create",
                subject: Some(company.id.to_string()),
                before: None,
                after: Some(serde_json::json!({ "version": 1 })),
            })
        }
    }))
    .await
}

/// Replaces what is said about a company, if its version still is `version`. Administrators may.
///
/// # Errors
/// All of [`Error`].
pub async fn replace(
    ctx: &Ctx,
    actor: &Actor,
    request: Request,
    id: CompanyId,
    version: i64,
    input: Input,
) -> Result<Answer, Error> {
    actor.must_be(Role::Admin)?;
    check(&input)?;
    Box::pin(command::run(ctx, actor, request, move |tx, _| {
        let input = input.clone();
        async move {
            let was = table::by_id(&tx, id).await?.ok_or(Error::Unknown)?;
            let company = Company { id, input, version: version + 1, created_at: was.created_at };
            if was.version != version || !table::advance(&tx, version, &company).await? {
                return Err(Error::Moved { now: was.version });
            }
            Ok(Done {
                answer: Answer::json(200, &company)?,
                verb: "company.replace",
                subject: Some(id.to_string()),
                before: Some(serde_json::json!({ "version": version })),
                after: Some(serde_json::json!({ "version": company.version })),
            })
        }
    }))
    .await
}

/// A company.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Db`].
pub async fn get(ctx: &Ctx, actor: &Actor, id: CompanyId) -> Result<Company, Error> {
    table::by_id(&ctx.db.read(actor).await?, id).await?.ok_or(Error::Unknown)
}

/// A page of companies after `after`, newest first. Ask for one more than is shown.
///
/// # Errors
/// [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, after: Option<CompanyId>, rows: u64) -> Result<Vec<Company>, Error> {
    Ok(table::page(&ctx.db.read(actor).await?, after, rows).await?)
}
