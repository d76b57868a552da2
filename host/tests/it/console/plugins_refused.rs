//! What the pages for plugins do not take: packages that nobody vouches for, settings that do not fit, forms that nobody made.

use serde_json::json;

use super::hidden;
use super::pages::must_be_guarded;
use super::plugins::{HIGH, PAGE, active, admin, form, installed, limit, press, read, says, send};
use crate::http::{Folder, start_in};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};

/// A plugin with a setting of each kind, and two grants.
fn many_settings() -> Parcel {
    let setting = |key: &str, kind: &str, more: &str| {
        format!("[[config]]\nkey = \"{key}\"\nkind = \"{kind}\"\ntitle = {{ en = \"The {key}\", zh = \"{key}\" }}\n{more}\n")
    };
    let settings = [
        "[[grants]]\nname = \"secrets\"\nreason = { en = \"To sign in <b>.\", zh = \"登录。\" }\n".to_owned(),
        setting("days", "integer", "minimum = 0\nmaximum = 90\ndefault = 30"),
        setting("rate", "decimal", "required = true\nhelp = { en = \"Per cent.\", zh = \"百分比。\" }"),
        setting("strict", "boolean", "default = true"),
        setting("mode", "choice", "choices = [\"warn\", \"hold\"]\nrequired = true"),
        setting("since", "date", ""),
        setting("letter", "text", "length_max = 1000"),
        setting("token", "secret", "required = true"),
    ];
    Parcel::attackers("open").edit("[[config]]\nkey = \"attack\"", &format!("{}[[config]]\nkey = \"attack\"", settings.concat()))
}

on_both! {
    async fn why_a_package_is_not_taken_stands_on_the_page(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        let trusted = json!({ "name": "Acme <Tools>", "public_key": key(1).public().to_string() });
        program.post("/v1/plugin-keys", &trusted).await.expect(201);
        let good = |version: &str| Parcel::price_guard(version);
        for (parcel, version, keys, text) in [
            (good("1.0.1"), "1.0.1", vec![], "Nobody has signed the package."),
            (good("1.0.2"), "1.0.2", vec![key(2)], &*format!("does not trust have signed the package: {}.", key(2).public().id())),
            (good("1.0.3").until("2026-02-28T00:00:00Z"), "1.0.3", vec![key(1)], "The signature of Acme &lt;Tools&gt; counted until 2026-02-28 00:00 UTC."),
            (good("1.0.4").only_for("tenant:bolt"), "1.0.4", vec![key(1)], "counts for tenant:bolt, not for tenant:acme"),
        ] {
            parcel.offer(&folder.catalogue(), &keys.iter().collect::<Vec<_>>());
            let reply = press(&admin, "/plugins", &format!("Install Price guard {version}"), &[]).await.expect(422);
            must_be_guarded(&reply, version);
            says(&reply.text(), &["Nothing was done.", text, "role=\"alert\"", "name=\"next\" value=\"/plugins\"", "No plugins yet"]);
        }
        // The component is another one than its manifest says: its author's words, as a list.
        good("1.0.5").edit("order-guard", "documents").offer(&folder.catalogue(), &[&key(1)]);
        let page = press(&admin, "/plugins", "Install Price guard 1.0.5", &[]).await.expect(422).text();
        says(&page, &["The package does not fit.", "lang=\"en\"", "declares the hook `documents`"]);
        let (_, mut gone) = form(&read(&admin, "/plugins").await, "Install Price guard 1.0.5");
        gone.iter_mut().for_each(|field| if field.0 == "digest" { field.1 = "\0".to_owned() });
        let gone = send(&admin, &("/plugins/install".to_owned(), gone), &[]).await.expect(404).text();
        says(&gone, &["This package is no longer on offer."]);
        // The same in Chinese.
        admin.post("/language", &[("language", "zh"), ("next", "/plugins")]).await.expect(303);
        let page = press(&admin, "/plugins", "安装“价格守卫”1.0.1", &[]).await.expect(422).text();
        says(&page, &["程序包没有签名", "lang=\"zh-Hans\""]);
        app.end().await;
    }

    async fn what_does_not_fit_is_said_beside_its_field_and_no_secret_comes_back(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        installed(&program, &folder, &many_settings()).await;
        let path = "/plugins/attackers";
        let page = read(&admin, path).await;
        says(&page, &["A whole number from 0 to 90.", "value=\"30\"", "Per cent. Digits with", "type=\"date\"", "type=\"password\"", "<textarea id=\"setting-letter\"", "To sign in &lt;b&gt;.", "sealed and never shown"]);
        assert!(page.contains("<option value=\"true\" selected>Yes</option>"), "a default stands in its field: {page}");
        let letter = "one\r\ntwo <i>";
        let wrong = [
            ("setting.days", "91"), ("setting.rate", "1,5"), ("setting.strict", "maybe"), ("setting.mode", ""), ("setting.since", "31.12.2026"),
            ("setting.letter", letter), ("setting.token", "hunter2-hunter2"), ("setting.attack", "  "), ("grant.secrets", "on"), ("grant.orders", "on"),
            ("setting.unknown", "x"),
        ];
        let reply = press(&admin, path, "Make release 1", &wrong).await.expect(422);
        must_be_guarded(&reply, "a form that does not fit");
        let page = reply.text();
        says(&page, &["No release was made: 6 settings do not fit.", "value=\"91\"", "value=\"1,5\"", "two &lt;i&gt;", "Type it again: a page keeps no secret."]);
        for (key, text) in [("days", "from 0 to 90"), ("rate", "at most one point"), ("strict", "Choose one of the list"), ("mode", "Fill this in."), ("since", "year-month-day"), ("attack", "Fill this in.")] {
            let said = page.split(&format!("id=\"setting-{key}-wrong\"")).nth(1).unwrap_or_else(|| panic!("{key}: {page}")).split("</span>").next().unwrap();
            assert!(said.contains(text), "{key}: {said}");
        }
        assert!(!page.contains("hunter2"), "a secret came back: {page}");
        let box_of = |page: &str, grant: &str| page.split(&format!("id=\"grant-{grant}\"")).nth(1).unwrap().split('>').next().unwrap().contains("checked");
        assert!(box_of(&page, "secrets") && !box_of(&page, "config"), "{page}");

        let good = [
            ("setting.days", "14"), ("setting.rate", "01.50"), ("setting.strict", "false"), ("setting.mode", "hold"), ("setting.since", "2026-12-31"),
            ("setting.letter", letter), ("setting.token", "hunter2-hunter2"), ("setting.attack", "honest"), ("grant.secrets", "on"), ("grant.config", "on"),
        ];
        press(&admin, path, "Make release 1", &good).await.expect(303);
        press(&admin, path, "Activate release 1", &[]).await.expect(303);
        let page = read(&admin, path).await;
        says(&page, &["Set, and never shown", "A secret is set. Leave the field empty to keep it.", "<dd>No</dd>", "2026-12-31"]);
        assert!(!page.contains("hunter2") && !page.contains("sealed-1"), "{page}");
        // An empty field keeps the secret.
        let kept: Vec<(&str, &str)> = good.into_iter().filter(|(name, _)| *name != "setting.token").collect();
        press(&admin, path, "Make release 2", &[kept.as_slice(), &[("setting.token", "")]].concat()).await.expect(303);
        let releases = program.get("/v1/plugins/attackers").await.expect(200).json()["releases"].clone();
        assert_eq!((&releases[0]["number"], &releases[0]["secrets"], &releases[0]["settings"]["letter"]), (&2.into(), &json!(["token"]), &"one\ntwo <i>".into()));
        says(&read(&admin, path).await, &["Version, settings and grants are the same.", "Its secrets are those that it was made with."]);
        app.end().await;
    }

    async fn a_plugin_that_may_not_run_says_so_and_why(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        installed(&program, &folder, &Parcel::price_guard("1.0.0")).await;
        active(&program, "price-guard", &limit(HIGH)).await;
        says(&read(&admin, "/plugins").await, &["Active", "1 plugin that takes part came with its signature."]);
        let private = key(3).to_text().reveal().to_owned();
        for (public, text) in [(private.as_str(), "This is a private key"), ("x", "This is no public key"), ("roro-public-key-1:AAAA", "The key is not whole")] {
            let page = press(&admin, "/plugins", "Trust this key", &[("name", ""), ("public_key", public)]).await.expect(422).text();
            says(&page, &[text, "id=\"key-name-wrong\"", "aria-invalid=\"true\""]);
            assert!(!page.contains(&private), "a private key came back: {page}");
        }
        press(&admin, "/plugins", "Revoke the key of Acme Tools", &[]).await.expect(303);
        says(&read(&admin, "/plugins").await, &["The key is revoked", "Does not run", "No key that you trust has signed its package.", "trusts no key yet"]);
        let page = read(&admin, PAGE).await;
        says(&page, &["It is active and does not run", "No key that you trust has signed its package."]);
        app.end().await;
    }

    async fn no_form_makes_a_page_of_plugins_fail(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        installed(&program, &folder, &many_settings()).await;
        let made = active(&program, "attackers", &json!({ "settings": { "attack": "x", "rate": "1", "mode": "warn", "token": "t" } })).await;
        let page = read(&admin, "/plugins/attackers").await;
        let (csrf, seen) = (hidden(&page, "csrf"), form(&page, "Uninstall Attackers").1[2].1.clone());
        let operations = roro::console::operations().into_iter().filter(|(method, path)| method == "POST" && path.starts_with("/plugins"));
        for (number, (_, path)) in operations.enumerate() {
            let path = path.replace("{name}", "attackers").replace("{id}", "%00");
            for (at, odd) in ["\0", "\u{202e}\u{1F697}", "'\"><script>", "", "x".repeat(300).as_str(), "-1"].into_iter().enumerate() {
                let key = format!("k-{number}-{at}");
                let mut fields = vec![("csrf", csrf.as_str()), ("key", &key), ("seen", if at % 2 == 0 { odd } else { &seen })];
                let odd_fields = ["digest", "package", "name", "public_key", "reason", "setting.token", "setting.letter", "setting.rate", "grant.config"];
                fields.extend(odd_fields.map(|name| (name, odd)));
                if path.ends_with("/activate") {
                    fields.push(("release", &made));
                }
                let reply = admin.post(&path, &fields).await;
                assert!(reply.status < 500, "{path} {odd:?}: {} {}", reply.status, reply.text());
                assert!(!reply.text().contains("<script"), "{path} {odd:?}");
            }
        }
        for path in ["/plugins/%00", "/plugins/attackers?package=%00", "/plugins/attackers?package=%2500", "/plugins/A", "/plugins/%E4%BD%A0"] {
            let status = admin.get(path).await.status;
            assert!((404..=422).contains(&status) || status == 200, "{path}: {status}");
        }
        // The address of a form, typed in, leads to the list.
        for path in ["/plugins/install", "/plugins/keys"] {
            assert_eq!(admin.get(path).await.expect(303).header("location"), "/plugins");
        }
        app.end().await;
    }
}
