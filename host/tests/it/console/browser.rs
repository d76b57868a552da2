//! The console in a real browser: Chromium, driven over `WebDriver`, with scripts turned off. It also takes the pictures in
//! `target/screenshots` by which the look is judged.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use fantoccini::{Client as Browser, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{PASSWORD, example, import};
use crate::http::{Client, TestApp};
use crate::storage::{On, Store, run};
use crate::support::root;
use roro::access::Role;

/// How long a file may take to arrive.
const DOWNLOAD_MAX: Duration = Duration::from_secs(20);
/// How long a page may take to come.
const PAGE_MAX: Duration = Duration::from_secs(20);
/// A phone, and the narrowest one that is still about.
pub(super) const PHONE: (u32, u32) = (390, 844);
pub(super) const NARROW: (u32, u32) = (360, 740);
pub(super) const LAPTOP: (u32, u32) = (1280, 800);

/// A running chromedriver with its browser and its folder; all are gone when it is dropped, also when the test failed.
pub(super) struct Driver {
    child: Child,
    folder: PathBuf,
    address: String,
    session: OnceLock<String>,
}

impl Driver {
    pub(super) fn start() -> Self {
        let number = roro::kernel::rng::Rng::system().unwrap().number();
        let folder = std::env::temp_dir().join(format!("roro-browser-{number:016x}"));
        std::fs::create_dir_all(folder.join("downloads")).unwrap();
        // Chinese glyphs from the fonts that the documents use: a test machine need not have others.
        let fonts = std::env::var_os("RORO_FONTS_DIR").map_or_else(|| root().join("data/fonts"), PathBuf::from);
        let list = format!(
            "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><include ignore_missing=\"yes\">/etc/fonts/fonts.conf</include>\
             <dir>{}</dir><cachedir>{}</cachedir></fontconfig>",
            fonts.canonicalize().unwrap().display(),
            folder.join("fonts").display()
        );
        std::fs::write(folder.join("fonts.conf"), list).unwrap();
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .env("FONTCONFIG_FILE", folder.join("fonts.conf"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is missing: run `cargo xtask test`");
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut ports = said
            .filter_map(|line| line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned()));
        let address = format!("http://127.0.0.1:{}", ports.next().expect("chromedriver did not start"));
        // What it says later fills no pipe: it is read to the end.
        std::thread::spawn(move || ports.for_each(drop));
        Self { child, folder, address, session: OnceLock::new() }
    }

    fn downloads(&self) -> PathBuf {
        self.folder.join("downloads")
    }

    /// A browser with an empty profile, and scripts turned off.
    pub(super) async fn browser(&self) -> Page {
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=en-GB",
        ];
        let profile = format!("--user-data-dir={}", self.folder.join("profile").display());
        let arguments: Vec<&str> = arguments.into_iter().chain([profile.as_str()]).collect();
        let options = json!({
            "args": arguments,
            "prefs": {
                "profile.managed_default_content_settings.javascript": 2,
                "download.default_directory": self.downloads(),
                "download.prompt_for_download": false,
                "intl.accept_languages": "en-GB,en",
            },
        });
        let Value::Object(capabilities) = json!({ "browserName": "chrome", "goog:chromeOptions": options }) else {
            unreachable!()
        };
        let browser = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&self.address).await.unwrap();
        let session = browser.session_id().await.unwrap().unwrap();
        self.session.set(session.clone()).unwrap();
        Page { browser, tools: Client::new(&self.address), session }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The browser ends with its session; a driver that is killed would leave it behind.
        if let Some(session) = self.session.get() {
            let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
            agent.delete(format!("{}/session/{session}", self.address)).call().ok();
        }
        self.child.kill().ok();
        self.child.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// The browser's one window.
pub(super) struct Page {
    browser: Browser,
    tools: Client,
    session: String,
}

impl Page {
    /// A command of the browser's own protocol, for what `WebDriver` has no word.
    async fn command(&self, name: &str, parameters: Value) -> Value {
        let path = format!("/session/{}/goog/cdp/execute", self.session);
        let reply = self.tools.post(&path, &json!({ "cmd": name, "params": parameters })).await.expect(200).json();
        reply["value"].clone()
    }

    pub(super) async fn size(&self, (width, height): (u32, u32), phone: bool) {
        let scale = if phone { 2 } else { 1 };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone });
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub(super) async fn dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        self.command("Emulation.setEmulatedMedia", json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }))
            .await;
    }

    pub(super) async fn open(&self, url: &str) {
        self.browser.goto(url).await.unwrap();
    }

    pub(super) async fn path(&self) -> String {
        self.browser.current_url().await.unwrap().path().to_owned()
    }

    /// The text of the page; none while one page gives way to another.
    async fn text(&self) -> Option<String> {
        self.browser.find(Locator::Css("body")).await.ok()?.text().await.ok()
    }

    /// Waits until the page says something.
    pub(super) async fn has(&self, wanted: &str) {
        let started = Instant::now();
        loop {
            let text = self.text().await.unwrap_or_default();
            if text.contains(wanted) {
                return;
            }
            assert!(started.elapsed() < PAGE_MAX, "`{wanted}` is not on {}:\n{text}", self.path().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the address ends so.
    pub(super) async fn leads_to(&self, end: &str) {
        let started = Instant::now();
        loop {
            let url = self.browser.current_url().await.unwrap();
            if url.as_str().ends_with(end) {
                return;
            }
            assert!(started.elapsed() < PAGE_MAX, "{url} does not end with {end}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) async fn click(&self, css: &str) {
        self.browser.find(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}")).click().await.unwrap();
    }

    pub(super) async fn link(&self, text: &str) {
        self.browser.find(Locator::LinkText(text)).await.unwrap_or_else(|error| panic!("{text}: {error}")).click().await.unwrap();
    }

    pub(super) async fn fill(&self, css: &str, text: &str) {
        let field = self.browser.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// A picture of what is seen, or of the whole page.
    pub(super) async fn picture(&self, name: &str, whole: bool) {
        let parameters = json!({ "format": "png", "captureBeyondViewport": whole });
        let parameters = if whole {
            let size = self.command("Page.getLayoutMetrics", json!({})).await["cssContentSize"].clone();
            json!({ "format": "png", "captureBeyondViewport": true,
                "clip": { "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 } })
        } else {
            parameters
        };
        let picture = self.command("Page.captureScreenshot", parameters).await;
        let bytes = base64(picture["data"].as_str().unwrap());
        assert!(bytes.starts_with(b"\x89PNG"), "{name} is no picture");
        let folder = root().join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// Fails when the page is wider than the window: then it would scroll sideways.
    pub(super) async fn fits(&self, width: u32) {
        let size = self.command("Page.getLayoutMetrics", json!({})).await;
        let content = size["cssContentSize"]["width"].as_f64().unwrap();
        assert!(content <= f64::from(width), "{} is {content} wide in a window of {width}", self.path().await);
    }
}

/// RFC 4648. Sixteen lines are less than another crate.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = LETTERS.iter().position(|letter| *letter == byte).unwrap();
        bits = (bits << 6) | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    bytes
}

/// The bytes of the one file that comes into a folder.
async fn arrived(folder: &Path) -> Vec<u8> {
    let started = Instant::now();
    while started.elapsed() < DOWNLOAD_MAX {
        let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        if let [file] = files.as_slice()
            && file.extension().is_some_and(|extension| extension == "pdf")
        {
            return std::fs::read(file).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no file came into {}", folder.display());
}

struct Orders {
    clean: String,
    stopped: String,
    large: String,
}

async fn orders(program: &Client) -> Orders {
    for number in 10..24 {
        import(program, &example("yokohama-mombasa-containers", number)).await;
    }
    let large = import(program, &example("yokohama-mombasa-40", 40)).await;
    let stopped = import(program, &example("broken/06-left-hand-drive", 6)).await;
    let clean = import(program, &example("yokohama-mombasa", 417)).await;
    Orders { clean, stopped, large }
}

async fn sign_in(page: &Page, address: &str) {
    page.open(&format!("{address}/orders?text=hm-t-417")).await;
    page.leads_to("/sign-in?next=%2Forders%3Ftext%3Dhm-t-417").await;
    page.picture("01-sign-in", false).await;
    page.fill("#firm", "acme").await;
    page.fill("#email", "ann@acme.example").await;
    page.fill("#password", "wrong wrong wrong").await;
    page.click("main button[type=submit]").await;
    page.has("is wrong").await;
    page.picture("02-sign-in-wrong", false).await;
    page.fill("#password", PASSWORD).await;
    page.click("main button[type=submit]").await;
    page.leads_to("/orders?text=hm-t-417").await;
}

/// The invoice of an order that counts.
async fn invoice(program: &Client, order: &str) -> Value {
    let listed = program.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
    let counts = |paper: &&Value| paper["kind"] == "commercial-invoice" && paper["state"] == "issued";
    listed["items"].as_array().unwrap().iter().find(counts).unwrap().clone()
}

/// Reads the order, presses the one button, looks at the invoice and keeps it.
async fn one_click(page: &Page, driver: &Driver, program: &Client, order: &str) {
    page.link("HM-T-417").await;
    page.has("Nothing stops the documents").await;
    page.picture("04-order-ready", false).await;
    page.click(".step button.primary").await;
    page.has("documents are issued.").await;
    assert_eq!(page.path().await, format!("/orders/{order}"));
    page.picture("05-order-issued", false).await;
    page.picture("05-order-issued-whole", true).await;

    let invoice = invoice(program, order).await;
    page.link(invoice["number"].as_str().unwrap()).await;
    page.has(invoice["file_sha256"].as_str().unwrap()).await;
    // The viewer draws the first page some moments after the frame is there.
    tokio::time::sleep(Duration::from_secs(2)).await;
    page.picture("06-document", false).await;
    page.command("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": driver.downloads() })).await;
    page.click("a[download]").await;
    let bytes = arrived(&driver.downloads()).await;
    assert_eq!(hex::encode(Sha256::digest(bytes)), invoice["file_sha256"].as_str().unwrap(), "the file is not the stored one");
}

/// Makes the invoice void on its page and presses the one button again; gives the address of the invoice that replaces it.
async fn void_and_replace(page: &Page, program: &Client, order: &str) -> String {
    let old = invoice(program, order).await;
    page.click(".voiding summary").await;
    page.fill("#reason", "The buyer's name was wrong.").await;
    page.picture("06-document-voiding", false).await;
    page.click(".voiding button").await;
    page.has("The document is void").await;
    page.picture("06-document-void", false).await;
    page.link("Go to the order").await;
    page.has("1 document will be made").await;
    page.click(".step button.primary").await;
    page.has("documents are issued.").await;
    let new = invoice(program, order).await;
    assert_eq!(new["replaces"], old["id"]);
    format!("/documents/{}", new["id"].as_str().unwrap())
}

async fn look_around(page: &Page, address: &str, orders: &Orders) {
    page.open(&format!("{address}/orders/{}", orders.stopped)).await;
    page.has("finding stops the documents").await;
    assert!(page.browser.find_all(Locator::Css(".step button")).await.unwrap().is_empty(), "a stopped order has a button");
    page.picture("07-order-stopped", false).await;
    page.picture("07-order-stopped-whole", true).await;
    page.click(".marks a").await;
    page.leads_to("#finding-1").await;

    page.open(&format!("{address}/orders/{}", orders.large)).await;
    page.picture("08-order-40-whole", true).await;

    page.fill("#q", "718364").await;
    page.click(".search button").await;
    page.has("NHP10-2718364").await;
    page.picture("09-search", false).await;
    page.link("NHP10-2718364").await;
    page.leads_to("#vehicle-1").await;

    page.link("Packs").await;
    page.has("Nobody yet").await;
    page.picture("10-packs", false).await;
    page.open(&format!("{address}/packs/ke")).await;
    page.has("KE-AGE-01").await;
    page.picture("11-pack", false).await;
    page.picture("11-pack-whole", true).await;
    page.open(&format!("{address}/orders/ord_1")).await;
    page.has("There is no such page").await;
    page.picture("12-not-found", false).await;
}

/// The same pages for other eyes: in the dark, on a phone, in Chinese. None scrolls sideways.
async fn other_eyes(page: &Page, address: &str, orders: &Orders, document: &str) {
    let paths = [
        ("orders", "/orders".to_owned()),
        ("order-issued", format!("/orders/{}", orders.clean)),
        ("order-stopped", format!("/orders/{}", orders.stopped)),
        ("document", document.to_owned()),
        ("packs", "/packs".to_owned()),
        ("pack", "/packs/ke".to_owned()),
        ("search", "/search?q=718364".to_owned()),
        ("not-found", "/nothing".to_owned()),
    ];
    page.dark(true).await;
    for (name, path) in &paths {
        page.open(&format!("{address}{path}")).await;
        page.picture(&format!("20-dark-{name}"), false).await;
    }
    page.dark(false).await;
    for (name, path) in &paths {
        page.size(NARROW, true).await;
        page.open(&format!("{address}{path}")).await;
        page.fits(NARROW.0).await;
        page.size(PHONE, true).await;
        page.fits(PHONE.0).await;
        page.picture(&format!("30-phone-{name}"), false).await;
    }
    page.open(&format!("{address}/orders/{}", orders.stopped)).await;
    page.picture("31-phone-order-stopped-whole", true).await;
    page.size(LAPTOP, false).await;

    page.open(&format!("{address}/orders/{}", orders.stopped)).await;
    page.click("button[name=language][value=zh]").await;
    page.has("下一步").await;
    assert_eq!(page.path().await, format!("/orders/{}", orders.stopped), "the language is chosen where one is");
    let tag = page.browser.find(Locator::Css("html")).await.unwrap().attr("lang").await.unwrap();
    assert_eq!(tag.as_deref(), Some("zh-Hans"));
    for (name, path) in &paths {
        page.open(&format!("{address}{path}")).await;
        page.picture(&format!("40-chinese-{name}"), false).await;
    }
    page.open(&format!("{address}/orders")).await;
    page.click("header form[action='/sign-out'] button").await;
    page.has("您已退出").await;
    page.picture("41-chinese-signed-out", false).await;
    page.open(&format!("{address}/orders")).await;
    assert_eq!(page.path().await, "/sign-in");
}

async fn walk(store: &Store) {
    let app = TestApp::start(store).await;
    let program = app.tenant("acme").await;
    let operator = roro::access::operator(&store.ctx, "acme").await.unwrap();
    store.user(&operator, "ann@acme.example", Role::Clerk).await;
    let orders = orders(&program).await;
    let driver = Driver::start();
    let page = driver.browser().await;
    page.size(LAPTOP, false).await;
    page.dark(false).await;
    let address = program.address().to_owned();
    sign_in(&page, &address).await;
    page.open(&format!("{address}/orders")).await;
    page.picture("03-orders", false).await;
    page.open(&format!("{address}/orders?text=hm-t-417")).await;
    one_click(&page, &driver, &program, &orders.clean).await;
    let document = void_and_replace(&page, &program, &orders.clean).await;
    look_around(&page, &address, &orders).await;
    other_eyes(&page, &address, &orders, &document).await;
    drop(page);
    drop(driver);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_goes_from_sign_in_to_the_paper_without_a_script() {
    fn test(store: &Store) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(walk(store))
    }
    run(On::Sqlite, test).await;
}
