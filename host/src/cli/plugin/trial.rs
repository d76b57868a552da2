//! `roro plugin trial`: what a release would have changed on past orders, told on the machine itself. The same verb as over HTTP and in the
//! console.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::super::place::Place;
use super::super::serve;
use super::super::setup::Folders;
use super::ended;
use super::operator::wrong;
use super::say;
use crate::document::{self, Change, Means, ORDERS_MAX, ORDERS_USUAL, Trial};
use crate::kernel::id::ReleaseId;
use crate::{access, app, pack, plugin};

/// Try a release on past orders: what it would have changed in findings, documents and money. Nothing is changed.
#[derive(Debug, Args)]
#[command(
    after_help = "Each order is judged as it was at its last click, under the rules of that day, by the release and by the one that takes part \
today. Exit codes: 0 tried, whatever came of it; 2 the release or the usage is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    /// The plugin's name.
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// The release's id.
    #[arg(value_name = "RELEASE")]
    release: String,
    /// On how many orders at most, the newest first.
    #[arg(long, value_name = "COUNT", default_value_t = ORDERS_USUAL)]
    orders_max: usize,
    /// The tenant's short name.
    #[arg(long, value_name = "NAME")]
    tenant: String,
    #[command(flatten)]
    place: Place,
    /// Print JSON, as `POST /v1/plugins/PLUGIN/trials` answers it.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
}

pub(super) async fn run(mut arguments: Arguments) -> Result<ExitCode> {
    let release: ReleaseId = arguments.release.parse().map_err(ended::wrong_input)?;
    if !(1..=ORDERS_MAX).contains(&arguments.orders_max) {
        return Err(ended::wrong_input(format!("--orders-max is 1 to {ORDERS_MAX}")));
    }
    let config = arguments.place.load(arguments.folders.data())?;
    arguments.folders.settle(&config.data.folder);
    let ctx = app::kernel(&config).await?;
    let actor = access::operator(&ctx, &arguments.tenant).await?;
    let press = tokio::task::block_in_place(|| serve::press(&config, &arguments.folders))?;
    let candidate = plugin::candidate(&ctx, &actor, &press.plugins, &arguments.plugin, release).await.map_err(wrong)?;
    let packs = pack::active(&ctx, &actor, &press.packs).await?;
    let plugins = plugin::active(&ctx, &actor, &press.plugins).await.map_err(wrong)?;
    let means = Means { hooks: press.hooks, packs, plugins: plugins.into(), fonts: press.fonts };
    let trial = Box::pin(document::trial(&ctx, &actor, &means, candidate, arguments.orders_max)).await?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&trial)?);
    } else {
        print(&trial);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(trial: &Trial) {
    let Trial { plugin, orders, left_out, changed, stopped, freed, cost, .. } = trial;
    let against = trial.baseline.map_or_else(|| "nothing that takes part".to_owned(), |release| release.to_string());
    println!("{plugin}, against {against}, on {}", say::counted(*orders, "past order"));
    println!("  {changed} answered differently, {stopped} newly stopped, {freed} set free");
    for worth in &trial.money {
        let (stopped, freed) = (worth.stopped, worth.freed);
        println!("  {} stopped {}, set free {}", stopped.currency(), stopped.amount(), freed.amount());
        let (today, then) = (worth.priced_today, worth.priced_then);
        if today.minor() != 0 || then.minor() != 0 {
            println!("  {} priced {} today, {} then", today.currency(), today.amount(), then.amount());
        }
    }
    if *left_out > 0 {
        println!("  {left_out} left out: this version of roro cannot make their snapshot again");
    }
    for (code, calls) in &trial.failures {
        println!("  failed {calls} × {code}; what that means: roro plugin explain {code}");
    }
    if cost.calls > 0 {
        let milliseconds = format!("{}.{:02}", cost.duration_us_median / 1_000, cost.duration_us_median % 1_000 / 10);
        println!(
            "  a call: {} fuel, {milliseconds} ms (median); at most {} fuel, {} bytes",
            cost.fuel_median, cost.fuel_most, cost.memory_bytes_most
        );
    }
    for change in &trial.changes {
        tell(change);
    }
    if trial.changes.len() < *changed {
        println!("  … and {} more", changed - trial.changes.len());
    }
}

fn tell(change: &Change) {
    let turn = match (change.stops_today, change.stops_then) {
        (false, true) => ", newly stopped",
        (true, false) => ", set free",
        _ => "",
    };
    // What people and plugins wrote is shown without what a terminal would obey.
    println!("{} {}{turn}", change.order, say::plain(&change.reference));
    for (sign, lines) in [("+", &change.lines_added), ("-", &change.lines_removed)] {
        for line in lines {
            let (amount, says) = (line.amount, line.says.get("en").map_or("", String::as_str));
            println!("  {sign} {}  {} {}  {}", say::plain(&line.rule), amount.amount(), amount.currency(), say::plain(says));
        }
    }
    for (sign, findings) in [("+", &change.added), ("-", &change.removed)] {
        for finding in findings {
            println!("  {sign} {}  {}", say::plain(&finding.rule), say::plain(finding.says.get("en").map_or("", String::as_str)));
        }
    }
}
