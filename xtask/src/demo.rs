//! The demo: from a fresh clone to checked documents, with progress all the way; then a server that stays up.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::tools::{cargo, run as run_command, say};
use crate::{fonts, plugins};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write the documents of the example orders and end.
    #[arg(long)]
    once: bool,
    /// Where the documents go, a folder an order.
    #[arg(long, default_value = "out", requires = "once")]
    out: PathBuf,
    /// Address and port of the server.
    #[arg(long, default_value = "127.0.0.1:8080", conflicts_with = "once")]
    listen: String,
}

/// The demo's tenant.
const TENANT: &str = "demo";

/// The example orders, smallest first.
const ORDERS: [&str; 5] =
    ["yokohama-mombasa", "tianjin-mombasa", "yokohama-mombasa-containers", "yokohama-mombasa-10", "yokohama-mombasa-40"];

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    fonts::fetch(&root.join("data"))?;
    plugins::build(root)?;
    say("building roro (some minutes the first time)");
    run_command(cargo(root).args(["build", "--release", "--package", "roro"]))?;
    if arguments.once { write_documents(root, &arguments.out) } else { serve(root, &arguments.listen) }
}

/// The built program, with the folders of this checkout.
fn roro(root: &Path) -> Command {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut command = Command::new(target.join("release/roro"));
    command.env("RORO_PACKS_DIR", root.join("plugins/packs")).env("RORO_PLUGIN_DIR", plugins::folder(root));
    command.env("RORO_FONTS_DIR", root.join("data/fonts")).current_dir(root);
    command
}

fn write_documents(root: &Path, out: &Path) -> Result<()> {
    let out = std::env::current_dir()?.join(out);
    for order in ORDERS {
        let file = format!("examples/orders/{order}.json");
        let text = std::fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        let parsed: Value = serde_json::from_str(&text).with_context(|| file.clone())?;
        let reference =
            parsed.pointer("/order/reference").and_then(Value::as_str).with_context(|| format!("{file} has no reference"))?;
        say(&format!("documents of {file}"));
        run_command(
            roro(root).env("RORO_DATA_DIR", root.join("data")).args(["documents", &file, "--out"]).arg(out.join(reference)),
        )?;
    }
    say(&format!("done: the documents and findings lie in {}", out.display()));
    Ok(())
}

/// The server of the demo; it ends with us.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn serve(root: &Path, listen: &str) -> Result<()> {
    let data = root.join("data/demo");
    let admin = tenant(root, &data)?;
    say("installing the packs");
    run_command(roro(root).env("RORO_DATA_DIR", &data).args(["pack", "install", "--all", "--tenant", TENANT]))?;
    offer_plugin(root, &data)?;
    say("starting the server (the first time it compiles the plugins for this machine: up to a minute)");
    let mut child = roro(root)
        .env("RORO_DATA_DIR", &data)
        // What is printed below shall stay on the screen.
        .env("RORO__LOG__FILTER", "warn")
        .args(["serve", "--listen", listen])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the server")?;
    let printed = child.stdout.take().context("the server's output")?;
    let mut server = Server(child);
    let mut line = String::new();
    BufReader::new(printed).read_line(&mut line)?;
    if line.trim().is_empty() {
        bail!("the server did not start: its reason stands above");
    }
    println!("    {}", line.trim());
    for order in ORDERS {
        let body = std::fs::read(root.join(format!("examples/orders/{order}.json")))?;
        let (status, answer) = post(listen, "/v1/orders/import", &admin.token, &format!("demo-import-{order}"), &body)?;
        if status == 409 {
            println!("    {order}: is there already");
            continue;
        }
        let id = answer
            .pointer("/id")
            .and_then(Value::as_str)
            .with_context(|| format!("{order} was not imported: {answer}"))?
            .to_owned();
        let (_, report) = post(listen, &format!("/v1/orders/{id}/documents"), &admin.token, &format!("demo-issue-{order}"), b"")?;
        let papers = report.pointer("/documents").and_then(Value::as_array).map_or(0, Vec::len);
        println!("    {order}: order {id}, {papers} documents issued");
    }
    say("the server stays up until Ctrl-C. The credentials are shown this once:");
    println!("    in a browser  http://{listen}");
    println!("    firm          {TENANT}");
    println!("    e-mail        {}", admin.email);
    println!("    password      {}", admin.password);
    println!(
        "    Click an order, then one of its documents; search for 047318; look at the packs and their rules; install a plugin."
    );
    println!("    API token     {}", admin.token);
    println!("    curl -H 'Authorization: Bearer {}' 'http://{listen}/v1/vehicles?q=047318'", admin.token);
    println!("    curl http://{listen}/openapi.json");
    server.0.wait().context("the server")?;
    Ok(())
}

/// Puts the example plugin on offer, signed by a key that the demo's tenant trusts: an administrator can install it.
fn offer_plugin(root: &Path, data: &Path) -> Result<()> {
    let (key, catalogue) = (data.join("publisher.key"), data.join("catalogue"));
    let archive = catalogue.join("price-guard.tar");
    if archive.exists() {
        return Ok(());
    }
    say("putting the example plugin on offer");
    let project = data.join("price-guard");
    std::fs::create_dir_all(project.join("locales"))?;
    std::fs::create_dir_all(&catalogue)?;
    for file in ["plugin.toml", "locales/en.toml", "locales/zh.toml"] {
        std::fs::copy(root.join("examples/price-guard").join(file), project.join(file)).with_context(|| file.to_owned())?;
    }
    std::fs::copy(plugins::folder(root).join("roro_example_price_guard.wasm"), project.join("price_guard.wasm"))?;
    let roro = |arguments: &[&str]| -> Result<String> {
        let mut command = roro(root);
        let output = command.env("RORO_DATA_DIR", data).args(["plugin"]).args(arguments).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("roro plugin {} did not go well", arguments.join(" "));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let text = |path: &Path| path.display().to_string();
    let unsigned = text(&data.join("price-guard.tar"));
    // A run that stopped half-way has left a key that nobody trusts. The archive comes last: where it is, all the rest has been done.
    std::fs::remove_file(&key).ok();
    let said = roro(&["keygen", "--out", &text(&key), "--json"])?;
    let said: Value = serde_json::from_str(&said).context("what `roro plugin keygen` printed")?;
    let public = said.get("public_key").and_then(Value::as_str).context("a public key")?;
    roro(&["pack", &text(&project), "--out", &unsigned])?;
    roro(&["trust", public, "--name", "The demo's publisher", "--tenant", TENANT])?;
    roro(&["sign", &unsigned, "--key", &text(&key), "--out", &text(&archive)])?;
    Ok(())
}

/// An administrator of the demo's tenant.
#[derive(serde::Deserialize)]
struct Admin {
    email: String,
    password: String,
    token: String,
}

/// A new tenant the first time, a new administrator of it later: secrets cannot be shown again.
fn tenant(root: &Path, data: &Path) -> Result<Admin> {
    let verb = if data.join("roro.db").exists() { "admin" } else { "create" };
    let email = format!("admin-{}@demo.example", std::process::id());
    let mut make = roro(root);
    make.env("RORO_DATA_DIR", data).args(["tenant", verb, TENANT, "--json", "--email", &email]).stderr(Stdio::inherit());
    let output = make.output().context("roro tenant")?;
    if !output.status.success() {
        bail!("the demo's tenant could not be made");
    }
    serde_json::from_slice(&output.stdout).context("what `roro tenant` printed")
}

/// A request over plain HTTP to the server that we started: a client crate would be built for these lines alone.
fn post(address: &str, path: &str, token: &str, key: &str, body: &[u8]) -> Result<(u16, Value)> {
    let mut stream = TcpStream::connect(address).with_context(|| format!("{address} does not answer"))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer without a body")?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("an answer without a status")?;
    Ok((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}
