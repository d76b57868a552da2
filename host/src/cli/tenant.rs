//! `roro tenant …`: the firms that this installation serves. Whoever holds the machine makes them.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::json;

use super::EXIT_USAGE;
use super::place::Place;
use super::setup::DataFolder;
use crate::access::{self, NewToken, NewUser, Role};
use crate::app;
use crate::config::Config;
use crate::kernel::Ctx;
use crate::kernel::secret::Secret;
use crate::tenant;

/// What can be done with tenants.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a tenant with its first administrator and an API token; password and token are printed this once.
    Create {
        /// The short name that people type when they sign in: 2 to 40 of a-z, 0-9 and hyphen.
        name: String,
        /// The firm's full name; without it, the short name.
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        /// Let unsigned packages be installed.
        #[arg(long)]
        development: bool,
        #[command(flatten)]
        admin: Administrator,
        #[command(flatten)]
        on: Installation,
    },
    /// Make another administrator and API token of a tenant, printed this once.
    Admin {
        /// The tenant's short name.
        name: String,
        #[command(flatten)]
        admin: Administrator,
        #[command(flatten)]
        on: Installation,
    },
    /// List the tenants.
    List {
        #[command(flatten)]
        on: Installation,
    },
}

/// The administrator.
#[derive(Debug, Args)]
pub(super) struct Administrator {
    /// The address with which the administrator signs in; without it, admin@NAME.example.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

/// On which installation.
#[derive(Debug, Args)]
pub(super) struct Installation {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    data: DataFolder,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl Installation {
    pub(super) fn config(&self) -> Result<Config> {
        self.place.load(&self.data)
    }

    pub(super) async fn ctx(&self) -> Result<Ctx> {
        Ok(app::kernel(&self.config()?).await?)
    }
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Create { name, title, development, admin, on } => {
            let ctx = on.ctx().await?;
            let title = title.unwrap_or_else(|| name.clone());
            match tenant::create(&ctx, tenant::New { handle: name.clone(), name: title, development }).await {
                Ok(_) => {}
                Err(tenant::Error::Db(error)) => return Err(error.into()),
                Err(usage) => {
                    eprintln!("error: {usage}");
                    return Ok(ExitCode::from(EXIT_USAGE));
                }
            }
            let without =
                || format!("the tenant is there without an administrator; mend this, then run: roro tenant admin {name}");
            introduce(&ctx, &name, admin, on.json).await.with_context(without)?;
        }
        Command::Admin { name, admin, on } => introduce(&on.ctx().await?, &name, admin, on.json).await?,
        Command::List { on } => list(&on.ctx().await?, on.json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes an administrator and a token, and prints their secrets: nothing keeps them in clear.
async fn introduce(ctx: &Ctx, name: &str, admin: Administrator, as_json: bool) -> Result<()> {
    let operator = access::operator(ctx, name).await?;
    let email = admin.email.unwrap_or_else(|| format!("admin@{name}.example"));
    // 96 random bits, short enough to type once.
    let password = Secret::new(hex::encode(ctx.rng.bytes::<12>()));
    let user = NewUser { email: email.clone(), name: "Administrator".to_owned(), role: Role::Admin, password: password.clone() };
    access::create_user(ctx, &operator, user).await?;
    let token = NewToken { name: "command line".to_owned(), role: Role::Admin, expires_at: None };
    let (_, credential) = access::create_token(ctx, &operator, token).await?;
    // Shown to whoever asked for them, this once.
    let (password, token) = (password.reveal(), credential.reveal());
    if as_json {
        println!("{}", json!({ "tenant": name, "email": email, "password": password, "token": token }));
    } else {
        println!("tenant    {name}\nemail     {email}\npassword  {password}\ntoken     {token}");
        println!("Keep them now: they are not shown again. Next: roro pack install --all --tenant {name}");
    }
    Ok(())
}

async fn list(ctx: &Ctx, as_json: bool) -> Result<()> {
    let tenants = tenant::list(ctx).await?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&tenants)?);
        return Ok(());
    }
    println!("{:20} {:30} TITLE", "TENANT", "ID");
    for one in &tenants {
        println!("{:20} {:30} {}", one.handle, one.id, one.name);
    }
    Ok(())
}
