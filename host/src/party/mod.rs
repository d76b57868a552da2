//! Parties: everyone outside of the tenant. Buyers, consignees, notify parties, suppliers, forwarders, carriers, banks, authorities.
//!
//! A party is made by hand or comes with an order; it is found again by the id that its source system gave it. It holds its name and
//! address once a script, structured. It is archived, never deleted; papers keep what they were issued with.

pub mod routes;
pub mod table;

use serde::{Deserialize, Serialize};

use crate::access::{Actor, Role};
use crate::kernel::Ctx;
use crate::kernel::id::PartyId;
use crate::kernel::time::Instant;
use crate::register::{Entry, Error, InScript, Refused, TaxId, check_shared, printable, refused};

/// The most people to ask for.
const CONTACTS_MAX: usize = 20;

/// A person or a desk to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContactEntry")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PartyInput")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PartyRecord")]
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

impl Entry for Party {
    type Input = Input;

    const NOUN: &'static str = "party";
    const CREATE: &'static str = "party.create";
    const REPLACE: &'static str = "party.replace";
    const WRITER: Role = Role::Clerk;

    fn new(id: PartyId, input: Input, version: i64, created_at: Instant) -> Self {
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
        let mut texts = input.contacts.iter().flat_map(|one| [&one.name, &one.phone, &one.email]).flatten();
        if input.contacts.len() > CONTACTS_MAX || texts.any(|text| !printable(text, 254)) {
            return refused("/contacts", "give at most 20, without control characters");
        }
        Ok(())
    }
}

/// A page of parties after `after`, newest first, whose name has `name` in it. Ask for one more than is shown.
///
/// # Errors
/// [`Error::Db`].
pub async fn list(ctx: &Ctx, actor: &Actor, name: Option<&str>, after: Option<PartyId>, rows: u64) -> Result<Vec<Party>, Error> {
    Ok(table::page(&ctx.db.read(actor).await?, name, after, rows).await?)
}
