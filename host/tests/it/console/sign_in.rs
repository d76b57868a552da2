//! Signing in and out.

use std::time::Duration;

use ureq::http::Method;

use super::{PASSWORD, Visitor, hidden};
use crate::http::TestApp;
use crate::storage::{Store, on_both};
use roro::access::Role;

on_both! {
    async fn the_right_password_opens_and_signing_out_closes(store: &Store) {
        let app = TestApp::start(store).await;
        let operator = store.tenant("acme").await;
        store.user(&operator, "Ann@Acme.example", Role::Clerk).await;
        let visitor = Visitor::new(&app);
        let page = visitor.get("/sign-in?next=/packs").await.expect(200);
        assert_eq!(hidden(&page.text(), "next"), "/orders", "the language form comes back to a page");
        assert!(page.text().contains("name=\"next\" value=\"/packs\""));
        let form = [("firm", " ACME "), ("email", "ann@acme.example"), ("password", PASSWORD), ("next", "/packs")];
        let signed = visitor.post("/sign-in", &form).await.expect(303);
        assert_eq!(signed.header("location"), "/packs");
        let cookie = signed.header("set-cookie");
        assert!(cookie.starts_with("__Host-roro=roro_ten_") && cookie.ends_with("; Secure"), "{cookie}");
        assert!(cookie.contains("Max-Age=43200"), "{cookie}");

        let orders = visitor.get("/orders").await.expect(200).text();
        assert!(orders.contains("ACME") && orders.contains("A Person") && orders.contains("clerk"), "{orders}");
        // Who is signed in does not sign in again.
        assert_eq!(visitor.get("/sign-in?next=//evil.example").await.expect(303).header("location"), "/orders");

        let csrf = hidden(&orders, "csrf");
        visitor.post("/sign-out", &[("csrf", "x")]).await.expect(403);
        visitor.post("/sign-out", &[]).await.expect(403);
        visitor.get("/orders").await.expect(200);
        let stolen = visitor.cookies.lock().unwrap().clone();
        assert_eq!(visitor.post("/sign-out", &[("csrf", &csrf)]).await.expect(303).header("location"), "/sign-in");
        assert!(visitor.get("/sign-in").await.expect(200).text().contains("You are signed out."));
        assert!(!visitor.get("/sign-in").await.expect(200).text().contains("You are signed out."), "a notice is said once");
        visitor.get("/orders").await.expect(303);
        // The session is over, not only the cookie gone.
        *visitor.cookies.lock().unwrap() = stolen;
        visitor.get("/orders").await.expect(303);
        app.end().await;
    }

    async fn a_wrong_password_shows_the_page_again_and_many_must_wait(store: &Store) {
        let app = TestApp::start(store).await;
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@acme.example", Role::Clerk).await;
        let visitor = Visitor::new(&app);
        let wrong = visitor.sign_in("acme", "ann@acme.example", "wrong wrong wrong").await.expect(401);
        let page = wrong.text();
        assert!(page.contains("is wrong") && page.contains("value=\"acme\"") && page.contains("value=\"ann@acme.example\""), "{page}");
        assert!(!page.contains("wrong wrong wrong") && wrong.header("set-cookie").is_empty());
        // An unknown firm, an unknown address and an odd one say no more.
        for (firm, email) in [("nobody", "ann@acme.example"), ("acme", "bob@acme.example"), ("ac\0me", "a\0@acme.example"), ("", "")] {
            let said = visitor.sign_in(firm, email, "wrong wrong wrong").await.expect(401).text();
            assert!(said.contains("Firm, e-mail address or password is wrong."), "{said}");
        }
        for _ in 0..4 {
            visitor.sign_in("acme", "ann@acme.example", "wrong wrong wrong").await;
        }
        let throttled = visitor.sign_in("acme", "ann@acme.example", PASSWORD).await.expect(429);
        let seconds = throttled.header("retry-after").to_owned();
        assert!(seconds.parse::<u64>().unwrap() >= 1 && throttled.text().contains(&format!("Wait {seconds} second")), "{}", throttled.text());
        store.clock.advance(Duration::from_secs(1_000));
        visitor.sign_in("acme", "ann@acme.example", PASSWORD).await.expect(303);
        app.end().await;
    }

    async fn a_form_of_another_site_signs_nobody_in(store: &Store) {
        let app = TestApp::start(store).await;
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@acme.example", Role::Clerk).await;
        let visitor = Visitor::new(&app);
        let form = [("firm", "acme"), ("email", "ann@acme.example"), ("password", PASSWORD)];
        for headers in [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil.example"), ("Origin", "null")] {
            let reply = visitor.send(&Method::POST, "/sign-in", &[headers], Some(&form)).await.expect(403);
            assert!(reply.header("set-cookie").is_empty() && reply.header("content-type").starts_with("text/html"), "{headers:?}");
        }
        let own = app.stranger().address().to_owned();
        visitor.send(&Method::POST, "/sign-in", &[("Origin", &own)], Some(&form)).await.expect(303);
        app.end().await;
    }

    async fn on_plain_http_the_cookie_has_the_plain_name_and_the_other_counts_for_nothing(store: &Store) {
        let app = TestApp::start_with(store, |config| config.http.secure_cookies = false).await;
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@acme.example", Role::Clerk).await;
        let visitor = Visitor::new(&app);
        let cookie = visitor.sign_in("acme", "ann@acme.example", PASSWORD).await.expect(303).header("set-cookie").to_owned();
        assert!(cookie.starts_with("roro=roro_ten_") && !cookie.contains("Secure"), "{cookie}");
        visitor.get("/orders").await.expect(200);
        let value = visitor.cookies.lock().unwrap().remove("roro").unwrap();
        visitor.cookies.lock().unwrap().insert("__Host-roro".to_owned(), value.clone());
        visitor.get("/orders").await.expect(303);
        app.end().await;

        // With secure cookies, a plain one that another host of the domain may have set is not taken.
        let app = TestApp::start(store).await;
        let visitor = Visitor::new(&app);
        visitor.cookies.lock().unwrap().insert("roro".to_owned(), value);
        visitor.get("/orders").await.expect(303);
        app.end().await;
    }

    async fn failed_sign_ins_are_counted_by_the_address_that_the_settings_trust(store: &Store) {
        let app = TestApp::start_with(store, |config| config.http.client_address_header = "x-forwarded-for".to_owned()).await;
        let operator = store.tenant("acme").await;
        store.user(&operator, "ann@acme.example", Role::Clerk).await;
        let visitor = Visitor::new(&app);
        let from = |address: &'static str, email: &'static str, password: &'static str| {
            let visitor = visitor.clone();
            async move {
                let form = [("firm", "acme"), ("email", email), ("password", password)];
                visitor.send(&Method::POST, "/sign-in", &[("X-Forwarded-For", address)], Some(&form)).await.status
            }
        };
        for _ in 0..5 {
            assert_eq!(from("6.6.6.6, 203.0.113.9", "nobody@acme.example", "wrong wrong wrong").await, 401);
        }
        assert_eq!(from("7.7.7.7, 203.0.113.9", "ann@acme.example", PASSWORD).await, 429);
        assert_eq!(from("203.0.113.9, 203.0.113.10", "ann@acme.example", PASSWORD).await, 303);
        app.end().await;
    }

    async fn the_language_is_the_browsers_until_somebody_chooses(store: &Store) {
        let app = TestApp::start(store).await;
        let visitor = Visitor::new(&app);
        let chinese = [("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")];
        let page = visitor.send(&Method::GET, "/sign-in", &chinese, None).await.expect(200);
        assert!(page.text().contains("<html lang=\"zh-Hans\">") && page.text().contains("登录"), "{}", page.text());
        assert_eq!(page.header("content-language"), "zh-Hans");
        let chosen = visitor.post("/language", &[("language", "en"), ("next", "/packs?a=b")]).await.expect(303);
        assert_eq!(chosen.header("location"), "/packs?a=b");
        let page = visitor.send(&Method::GET, "/sign-in", &chinese, None).await.expect(200);
        assert!(page.text().contains("<html lang=\"en\">"), "{}", page.text());
        let odd = visitor.post("/language", &[("language", "xx"), ("next", "https://evil.example")]).await.expect(303);
        assert_eq!((odd.header("location"), odd.header("set-cookie")), ("/orders", ""));
        app.end().await;
    }
}
