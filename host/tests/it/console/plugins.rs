//! The administrator's pages for plugins: the same verbs as behind `/v1`, said in words, and nothing done that a page did not show.

use serde_json::{Value, json};

use super::{Visitor, example, hidden, import};
use crate::http::{Client, Folder, Reply, TestApp, start_in};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};
use roro::access::Role;

pub(super) const PAGE: &str = "/plugins/price-guard";
const LOW: &str = "100000";
pub(super) const HIGH: &str = "99000000";

/// The form of a page with a button: where it is sent to, and its hidden fields as they stand.
pub(super) fn form(page: &str, button: &str) -> (String, Vec<(String, String)>) {
    let text = page.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap());
    let mark = format!(">{button}</button>");
    let form = text.into_iter().find(|form| form.contains(&mark)).unwrap_or_else(|| panic!("no `{button}` in\n{page}"));
    let attribute = |text: &str, name: &str| {
        text.split_once(&format!("{name}=\"")).map(|(_, rest)| rest.split('"').next().unwrap().to_owned())
    };
    let inputs = form.split("<input type=\"hidden\"").skip(1).map(|input| input.split('>').next().unwrap().to_owned());
    let fields = inputs.map(|input| (attribute(&input, "name").unwrap(), attribute(&input, "value").unwrap())).collect();
    (attribute(form, "action").unwrap(), fields)
}

/// Sends a form that was taken from a page, with what somebody fills in.
pub(super) async fn send(visitor: &Visitor, form: &(String, Vec<(String, String)>), filled: &[(&str, &str)]) -> Reply {
    let taken = form.1.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = taken.chain(filled.iter().copied()).collect();
    visitor.post(&form.0, &fields).await
}

/// Presses a button of a page as it stands now.
pub(super) async fn press(visitor: &Visitor, path: &str, button: &str, filled: &[(&str, &str)]) -> Reply {
    let page = read(visitor, path).await;
    send(visitor, &form(&page, button), filled).await
}

pub(super) async fn read(visitor: &Visitor, path: &str) -> String {
    visitor.get(path).await.expect(200).text()
}

/// Fails when a page lacks one of these texts.
pub(super) fn says(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "`{text}` is not in\n{page}");
    }
}

pub(super) async fn admin(app: &TestApp<'_>, store: &Store) -> Visitor {
    Visitor::signed_in(app, store, "acme", Role::Admin).await
}

/// The firm trusts the key of a number and holds a package, by the other door.
pub(super) async fn installed(program: &Client, folder: &Folder, parcel: &Parcel) {
    let public = key(1).public().to_string();
    program.post("/v1/plugin-keys", &json!({ "name": "Acme Tools", "public_key": public })).await;
    let digest = parcel.offer(&folder.catalogue(), &[&key(1)]);
    program.post("/v1/plugins", &json!({ "digest": digest })).await.expect(201);
}

/// Makes a release and activates it, by the other door.
pub(super) async fn active(program: &Client, plugin: &str, body: &Value) -> String {
    let made = program.post(&format!("/v1/plugins/{plugin}/releases"), body).await.expect(201).id();
    program.post(&format!("/v1/plugins/{plugin}/activate"), &json!({ "release": made })).await.expect(200);
    made
}

pub(super) fn limit(limit: &str) -> Value {
    json!({ "settings": { "price_limit": limit }, "grants": ["config"] })
}

on_both! {
    async fn an_administrator_takes_a_plugin_from_its_offer_to_its_end(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let order = import(&program, &example("yokohama-mombasa", 1)).await;
        let admin = admin(&app, store).await;
        says(&read(&admin, "/plugins").await, &["No plugins yet", "No package is on offer.", "trusts no key yet", "Trust a key"]);
        Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
        let trusted = [("name", "Acme Tools"), ("public_key", &*key(1).public().to_string())];
        let reply = press(&admin, "/plugins", "Trust this key", &trusted).await.expect(303);
        assert_eq!(reply.header("location"), "/plugins#keys");
        says(&read(&admin, "/plugins").await, &["The key is trusted", "Acme Tools", &key(1).public().id()]);
        press(&admin, "/plugins", "Trust this key", &trusted).await.expect(303);
        says(&read(&admin, "/plugins").await, &["the key was trusted already", "Order guard", "Price guard"]);

        let reply = press(&admin, "/plugins", "Install Price guard 1.0.0", &[]).await.expect(303);
        assert_eq!(reply.header("location"), PAGE);
        let page = read(&admin, PAGE).await;
        says(&page, &["The package is here", "It takes part in nothing yet", "Acme Tools", "To know your limit.", "the order is stopped", "No release yet.", "Version 1.0.0 is here"]);
        let grant = page.split("id=\"grant-config\"").nth(1).unwrap().split('>').next().unwrap();
        assert!(!grant.contains("checked"), "a first release grants what nobody has ticked: {page}");
        says(&read(&admin, "/plugins").await, &["Installed</span>", "href=\"/plugins/price-guard\""]);

        let filled = [("setting.price_limit", LOW), ("setting.mode", "refuse"), ("grant.config", "on")];
        press(&admin, PAGE, "Make release 1", &filled).await.expect(303);
        let page = read(&admin, PAGE).await;
        says(&page, &["Release 1 is made. It takes part when you activate it.", "lets the plugin take part in every check"]);
        assert!(page.split("id=\"grant-config\"").nth(1).unwrap().split('>').next().unwrap().contains("checked"), "{page}");
        press(&admin, PAGE, "Activate release 1", &[]).await.expect(303);
        says(&read(&admin, PAGE).await, &["Release 1 takes part from the next check on.", "Release 1 takes part", "A Person", "100000", "Suspend Price guard"]);
        says(&read(&admin, &format!("/orders/{order}")).await, &["PRICE-GUARD-01"]);

        press(&admin, PAGE, "Make release 2", &[("setting.price_limit", HIGH), ("setting.mode", "warn")]).await.expect(303);
        let page = read(&admin, PAGE).await;
        says(&page, &["What release 2 changes:", "99000000", "Taken back", "refuse", "warn"]);
        press(&admin, PAGE, "Activate release 2", &[]).await.expect(303);
        let page = read(&admin, PAGE).await;
        says(&page, &["Go back to release 1", "Granted</span> Read its own settings."]);
        press(&admin, PAGE, "Go back to release 1", &[]).await.expect(303);
        let page = read(&admin, PAGE).await;
        says(&page, &["Release 1 takes part again, from the next check on.", "Gone back", "Activate release 2", "Go back to release 2"]);
        assert!(!page.contains("has never taken part"), "a release that was gone back from is proposed again: {page}");

        for wrong in ["", "  ", "two\nlines"] {
            let again = press(&admin, PAGE, "Suspend Price guard", &[("reason", wrong)]).await.expect(422).text();
            says(&again, &["<details open>", "Write 1 to 500 characters", "Release 1 takes part", &format!("name=\"next\" value=\"{PAGE}\"")]);
        }
        press(&admin, PAGE, "Suspend Price guard", &[("reason", "We look <into> it.")]).await.expect(303);
        says(&read(&admin, PAGE).await, &["The plugin is suspended", "We look &lt;into&gt; it.", "Suspended: it takes part in nothing"]);
        press(&admin, PAGE, "Resume Price guard with release 1", &[]).await.expect(303);
        says(&read(&admin, PAGE).await, &["The plugin goes on with release 1"]);
        let reply = press(&admin, PAGE, "Uninstall Price guard", &[]).await.expect(303);
        assert_eq!(reply.header("location"), "/plugins");
        says(&read(&admin, "/plugins").await, &["The plugin is uninstalled", "No plugins yet", "Install Price guard 1.0.0"]);
        admin.get(PAGE).await.expect(404);
        app.end().await;
    }

    async fn a_button_acts_once_and_only_on_what_its_page_showed(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        installed(&program, &folder, &Parcel::price_guard("1.0.0")).await;
        program.post("/v1/plugins/price-guard/releases", &limit(LOW)).await.expect(201);
        let page = read(&admin, PAGE).await;
        let activation = form(&page, "Activate release 1");
        // Pressed twice, at once and later: done once, said twice.
        let (one, two) = tokio::join!(send(&admin, &activation, &[]), send(&admin, &activation, &[]));
        let three = send(&admin, &activation, &[]).await;
        for reply in [one, two, three] {
            assert_eq!((reply.status, reply.header("location")), (303, PAGE));
            assert!(reply.header("set-cookie").starts_with("__Host-roro-notice=activated.1;"), "{:?}", reply.headers);
        }
        let old = read(&admin, PAGE).await;
        active(&program, "price-guard", &limit(HIGH)).await;
        for (button, filled) in [("Suspend Price guard", vec![("reason", "Why not.")]), ("Uninstall Price guard", vec![])] {
            let reply = send(&admin, &form(&old, button), &filled).await.expect(303);
            assert!(reply.header("set-cookie").starts_with("__Host-roro-notice=plugin-moved;"), "{button}: {:?}", reply.headers);
        }
        says(&read(&admin, PAGE).await, &["the plugin has changed since you opened the page", "Release 2 takes part"]);
        // A form without its token is no form.
        for (at, status) in [("csrf", 403), ("key", 400)] {
            let (action, mut fields) = form(&read(&admin, PAGE).await, "Uninstall Price guard");
            fields.iter_mut().for_each(|field| if field.0 == at { field.1 = "a b".to_owned() });
            send(&admin, &(action, fields), &[]).await.expect(status);
        }
        let uninstall = form(&read(&admin, PAGE).await, "Uninstall Price guard");
        for _ in 0..2 {
            let reply = send(&admin, &uninstall, &[]).await.expect(303);
            assert!(reply.header("set-cookie").starts_with("__Host-roro-notice=uninstalled;"), "{:?}", reply.headers);
        }
        let history = store.ctx.db.read(&roro::access::operator(&store.ctx, "acme").await.unwrap()).await.unwrap();
        let trail = roro::command::of_subject(&history, "plugin:price-guard", 50).await.unwrap();
        let count = |verb: &str| trail.iter().filter(|row| row.verb == verb).count();
        assert_eq!((count("plugin.activate"), count("plugin.uninstall"), count("plugin.suspend")), (2, 1, 0));
        drop(history);
        app.end().await;
    }

    async fn whoever_may_only_read_sees_everything_and_no_button(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        installed(&program, &folder, &Parcel::price_guard("1.0.0")).await;
        let first = active(&program, "price-guard", &limit(LOW)).await;
        active(&program, "price-guard", &limit(HIGH)).await;
        let digest = Parcel::price_guard("2.0.0").offer(&folder.catalogue(), &[&key(1)]);
        for role in [Role::Viewer, Role::Clerk] {
            let reader = Visitor::signed_in(&app, store, "acme", role).await;
            let list = read(&reader, "/plugins").await;
            let page = read(&reader, PAGE).await;
            says(&list, &["Price guard", &key(1).public().to_string(), "2.0.0", "You may read."]);
            says(&page, &["Release 2 takes part", "99000000", "To know your limit.", "A program of your firm", "You may read."]);
            for (page, what) in [(&list, "list"), (&page, "page")] {
                assert_eq!(page.matches("method=\"post\"").count(), 2, "the {what} has forms beside language and sign-out: {page}");
            }
            let csrf = hidden(&page, "csrf");
            let seen = format!("active.{first}.none");
            for path in [
                "/plugins/install", "/plugins/keys", &format!("/plugins/keys/{}/revoke", key(1).public().id()), &format!("{PAGE}/releases"),
                &format!("{PAGE}/activate"), &format!("{PAGE}/roll-back"), &format!("{PAGE}/suspend"), &format!("{PAGE}/resume"), &format!("{PAGE}/uninstall"),
            ] {
                let form = [
                    ("csrf", csrf.as_str()), ("key", "k"), ("seen", &seen), ("digest", &digest), ("package", &digest), ("name", "X"),
                    ("release", &first), ("reason", "x"), ("public_key", &key(2).public().to_string()),
                ];
                reader.post(path, &form).await.expect(403);
            }
        }
        app.end().await;
    }

    async fn a_new_version_is_released_with_a_form_of_its_own(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        installed(&program, &folder, &Parcel::price_guard("1.0.0")).await;
        active(&program, "price-guard", &limit(HIGH)).await;
        let asks = "[[grants]]\nname = \"tables\"\nreason = { en = \"To see the packs.\", zh = \"查看规则包。\" }\n[[config]]\nkey = \"note\"\nkind = \"text\"\ntitle = { en = \"A note\", zh = \"备注\" }\n";
        let next = Parcel::price_guard("2.0.0").edit("[[config]]\nkey = \"price_limit\"", &format!("{asks}[[config]]\nkey = \"price_limit\""));
        store.clock.advance(std::time::Duration::from_secs(60));
        next.offer(&folder.catalogue(), &[&key(1)]);
        press(&admin, "/plugins", "Install Price guard 2.0.0", &[]).await.expect(303);
        let page = read(&admin, PAGE).await;
        says(&page, &["Version 2.0.0 is here, and no release is made of it.", "A note", "New in this version", "value=\"99000000\"", "Show its form", "The form begins with what release 1 has."]);
        let packages = program.get(PAGE.replace("/plugins", "/v1/plugins").as_str()).await.expect(200).json()["packages"].clone();
        let old = packages.as_array().unwrap().iter().find(|one| one["version"] == "1.0.0").unwrap()["digest"].as_str().unwrap().to_owned();
        let of_old = read(&admin, &format!("{PAGE}?package={old}")).await;
        assert!(!of_old.contains("A note") && of_old.contains(&format!("name=\"package\" value=\"{old}\"")), "{of_old}");
        admin.get(&format!("{PAGE}?package=00")).await.expect(404);
        let filled = [("setting.price_limit", HIGH), ("setting.mode", "refuse"), ("setting.note", "new"), ("grant.config", "on"), ("grant.tables", "on")];
        press(&admin, PAGE, "Make release 2", &filled).await.expect(303);
        let page = read(&admin, PAGE).await;
        says(&page, &["<span class=\"code\">1.0.0</span> → <span class=\"code\">2.0.0</span>", "Read the tables of the packs"]);
        press(&admin, PAGE, "Activate release 2", &[]).await.expect(303);
        says(&read(&admin, "/plugins").await, &["Installed</span>"]);
        app.end().await;
    }

    async fn who_else_is_asked_is_said_before_a_release_is_activated(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        let body = json!({ "settings": { "currency": "JPY", "handling": "20000" }, "grants": ["config"] });
        let others = "asked at the same place";
        installed(&program, &folder, &Parcel::freight_tariff("1.0.0")).await;
        let first = program.post("/v1/plugins/freight-tariff/releases", &body).await.expect(201).id();
        for path in ["/plugins/freight-tariff", &format!("/plugins/freight-tariff/releases/{first}/trial")] {
            let page = read(&admin, path).await;
            assert!(page.contains("Activate release 1") && !page.contains(others), "{path}: {page}");
        }
        press(&admin, "/plugins/freight-tariff", "Activate release 1", &[]).await.expect(303);

        installed(&program, &folder, &Parcel::freight_tariff_as("freight")).await;
        let second = program.post("/v1/plugins/freight/releases", &body).await.expect(201).id();
        let trial = format!("/plugins/freight/releases/{second}/trial");
        let told = [
            others, "<strong>Prices</strong> The lines of all are added up", "<strong>freight</strong> <span class=\"quiet-text\">(this one)</span> <span aria-hidden=\"true\">→</span>",
            "freight-tariff also brings charges.", "Activate release 1",
        ];
        for path in ["/plugins/freight", &trial] {
            says(&read(&admin, path).await, &told);
        }
        let viewer = Visitor::signed_in(&app, store, "acme", Role::Viewer).await;
        says(&read(&viewer, "/plugins/freight").await, &told[..4]);
        press(&admin, &trial, "Activate release 1", &[]).await.expect(303);
        let page = read(&admin, "/plugins/freight").await;
        assert!(!page.contains(others), "it takes part already: {page}");
        app.end().await;
    }

    async fn a_plugin_in_quarantine_can_be_brought_back_or_stopped(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        installed(&program, &folder, &Parcel::attackers("closed")).await;
        active(&program, "attackers", &json!({ "settings": { "attack": "trap" }, "grants": ["config", "tables"] })).await;
        let order = import(&program, &example("yokohama-mombasa", 1)).await;
        for _ in 0..5 {
            program.post(&format!("/v1/orders/{order}/documents"), &json!({})).await.expect(422);
        }
        let path = "/plugins/attackers";
        says(&read(&admin, "/plugins").await, &["Quarantined"]);
        says(&read(&admin, path).await, &["In quarantine: it failed again and again", "Roro itself", "failed one after the other, the last one with trapped", "Suspend Attackers"]);
        press(&admin, path, "Resume Attackers with release 1", &[]).await.expect(303);
        says(&read(&admin, path).await, &["The plugin goes on with release 1", "Release 1 takes part"]);
        app.end().await;
    }

    async fn a_firm_in_development_mode_is_told_so_on_every_page(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let new = roro::tenant::New { handle: "acme".to_owned(), name: "ACME".to_owned(), development: true };
        roro::tenant::create(&store.ctx, new).await.unwrap();
        let admin = admin(&app, store).await;
        let notice = "Your firm is in development mode";
        says(&read(&admin, "/plugins").await, &[notice]);
        Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[]);
        says(&read(&admin, "/plugins").await, &["Unsigned"]);
        press(&admin, "/plugins", "Install Price guard 1.0.0", &[]).await.expect(303);
        for path in ["/plugins", PAGE] {
            let page = read(&admin, path).await;
            assert!(page.contains(notice) && page.contains("Unsigned"), "{path}: {page}");
        }
        app.end().await;
    }
}
