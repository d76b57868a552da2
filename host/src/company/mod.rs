//! Companies: the legal entities of a tenant. Every order names the one that sells.
//!
//! A company is made by an administrator or comes with the first order that names it. It has a letterhead in one or more scripts, tax ids,
//! bank accounts, a seal, a home currency, and the time zone in which its legal dates are reckoned. It is archived, never deleted;
//! papers keep the letterhead that they were issued with.

pub mod routes;
pub mod table;

use serde::{Deserialize, Serialize};

use crate::access::{Actor, Role};
use crate::kernel::Ctx;
use crate::kernel::id::CompanyId;
use crate::kernel::money::Currency;
use crate::kernel::time::{Instant, Zone};
use crate::register::{Entry, Error, InScript, Refused, TaxId, check_shared, printable, refused};

/// The most bank accounts of a company.
const ACCOUNTS_MAX: usize = 50;

/// Where the company is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BankAccountEntry")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CompanyInput")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CompanyRecord")]
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

impl Entry for Company {
    type Input = Input;

    const NOUN: &'static str = "company";
    const CREATE: &'static str = "company.create";
    const REPLACE: &'static str = "company.replace";
    const WRITER: Role = Role::Admin;

    fn new(id: CompanyId, input: Input, version: i64, created_at: Instant) -> Self {
        Self { id, input, version, created_at }
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn created_at(&self) -> Instant {
        self.created_at
    }

    fn check(input: &Input) -> Result<(), Refused> {
        check_shared([&input.source, &input.external_id], &input.country, &input.scripts, &input.tax_ids)?;
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
}

/// A page of companies after `after`, newest first. Ask for one more than is shown.
///
/// # Errors
/// [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, after: Option<CompanyId>, rows: u64) -> Result<Vec<Company>, Error> {
    Ok(table::page(&ctx.db.read(actor).await?, after, rows).await?)
}
