//! `roro order …`: order files, and the orders of a tenant in this installation's database.

use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::EXIT_USAGE;
use super::tenant::Installation;
use crate::access::{self, Actor};
use crate::command::Request;
use crate::kernel::Ctx;
use crate::kernel::id::OrderId;
use crate::order::table::Filter;
use crate::order::{self, Card, Error};

/// How many orders a list shows when nobody says.
const ROWS: u64 = 50;

/// What can be done with order files and orders.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Import order files as new orders of a tenant.
    ///
    /// Each file is a command of its own: those before a refused one stay imported. Exit codes: 0 all were imported; 2 a file was refused,
    /// with every problem and its place; 3 the machine failed.
    Import {
        /// Order files.
        #[arg(required = true, value_name = "ORDER.json")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        of: Of,
    },
    /// List the orders of a tenant, newest first.
    List {
        /// Part of the buyer's name or of the reference.
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        /// How many orders to show.
        #[arg(long, value_name = "NUMBER", default_value_t = ROWS, value_parser = clap::value_parser!(u64).range(1..=10_000))]
        limit: u64,
        #[command(flatten)]
        of: Of,
    },
    /// Show an order of a tenant by its id or its reference.
    Show {
        /// `ord_…` or the firm's own reference.
        order: String,
        #[command(flatten)]
        of: Of,
    },
    /// Print the JSON Schema of the order file.
    Schema,
    /// Print every field path that packs can read, as a page.
    Fields,
}

/// Whose orders.
#[derive(Debug, clap::Args)]
pub(super) struct Of {
    /// The tenant's short name.
    #[arg(long, value_name = "NAME")]
    tenant: String,
    #[command(flatten)]
    on: Installation,
}

impl Of {
    async fn open(&self) -> Result<(Ctx, Actor)> {
        let ctx = self.on.ctx().await?;
        let actor = access::operator(&ctx, &self.tenant).await?;
        Ok((ctx, actor))
    }
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Import { files, of } => import(&files, &of).await,
        Command::List { text, limit, of } => list(text, limit, &of).await,
        Command::Show { order, of } => show(&order, &of).await,
        Command::Schema => {
            println!("{}", serde_json::to_string_pretty(order::reader::schema())?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Fields => {
            print!("{}", order::fields::page());
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn import(files: &[PathBuf], of: &Of) -> Result<ExitCode> {
    let (ctx, actor) = of.open().await?;
    let mut refused = 0_usize;
    for file in files {
        let Ok(bytes) =
            tokio::fs::read(file).await.inspect_err(|error| eprintln!("error: cannot read {}: {error}", file.display()))
        else {
            refused += 1;
            continue;
        };
        match order::import(&ctx, &actor, Request::new("roro order import", None, &[&bytes]), &bytes).await {
            Ok(answer) if of.on.json => println!("{}", answer.body),
            Ok(answer) => {
                let said: serde_json::Value = serde_json::from_str(&answer.body)?;
                let text = |name: &str| said.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
                println!("imported {} as {} from {}", text("reference"), text("id"), file.display());
            }
            Err(Error::Shape(problems)) => {
                refused += 1;
                say_problems(file, &problems, of.on.json)?;
            }
            Err(error @ Error::Taken) => {
                refused += 1;
                eprintln!("error: {}: {error}", file.display());
            }
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        }
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_USAGE) })
}

/// Every problem of a file's shape, each with its place and its fix.
pub(super) fn say_problems(file: &Path, problems: &[order::Problem], as_json: bool) -> Result<()> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(&json!({ "format": "roro.problems/1", "problems": problems }))?);
        return Ok(());
    }
    for problem in problems {
        let place = if problem.pointer.is_empty() { "the file" } else { &problem.pointer };
        eprintln!("{place}: {}\n    fix: {}", problem.message, problem.fix);
    }
    let count = if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) };
    eprintln!("error: {} has {count}, nothing was written", file.display());
    Ok(())
}

async fn list(text: Option<String>, limit: u64, of: &Of) -> Result<ExitCode> {
    let (ctx, actor) = of.open().await?;
    let cards = order::list(&ctx, &actor, &Filter { text, commercial: None }, None, limit).await?;
    if of.on.json {
        println!("{}", serde_json::to_string_pretty(&cards)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:30} {:20} {:>8} {:>18} {:10} BUYER", "ORDER", "REFERENCE", "VEHICLES", "TOTAL", "CONTRACT");
    for card in &cards {
        let (total, date) = (card.total.to_string(), card.contract_date.to_string());
        println!("{:30} {:20} {:>8} {total:>18} {date:10} {}", card.id, card.reference, card.vehicle_count, card.buyer_name);
    }
    if u64::try_from(cards.len()) == Ok(limit) {
        println!("There may be more: --limit {} shows them.", limit.saturating_mul(2));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(wanted: &str, of: &Of) -> Result<ExitCode> {
    let (ctx, actor) = of.open().await?;
    let id = match wanted.parse::<OrderId>() {
        Ok(id) => Some(id),
        Err(_) => by_reference(&ctx, &actor, wanted).await?.map(|card| card.id),
    };
    let found = match id {
        Some(id) => order::get(&ctx, &actor, id).await,
        None => Err(Error::Unknown),
    };
    let found = match found {
        Err(Error::Unknown) => {
            eprintln!("error: there is no order `{wanted}`; `roro order list --tenant {}` shows what there is", of.tenant);
            return Ok(ExitCode::from(EXIT_USAGE));
        }
        found => found?,
    };
    if of.on.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(ExitCode::SUCCESS);
    }
    let card = &found.card;
    println!("{}  {}  version {}", card.reference, card.id, card.version);
    println!("buyer     {}", card.buyer_name);
    println!("total     {} for {} vehicles", card.total, card.vehicle_count);
    println!("contract  {}", card.contract_date);
    let date = |day: Option<crate::kernel::time::Day>| day.map_or_else(|| "open".to_owned(), |day| day.to_string());
    println!("sails     {}, arrives {}", date(card.etd), date(card.eta));
    println!("goods {}, money {}, contract {}", card.goods, card.money, card.commercial);
    Ok(ExitCode::SUCCESS)
}

/// The newest order that has exactly this reference.
async fn by_reference(ctx: &Ctx, actor: &Actor, reference: &str) -> Result<Option<Card>> {
    let filter = Filter { text: Some(reference.to_owned()), commercial: None };
    let found = order::list(ctx, actor, &filter, None, ROWS).await?;
    Ok(found.into_iter().find(|card| card.reference == reference))
}
