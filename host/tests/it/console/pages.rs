//! What holds for all pages: headers, escaping, words; and the lists.

use ureq::http::Method;

use super::{Visitor, click, encode, example, hidden, import};
use crate::http::{Reply, TestApp};
use crate::storage::{Store, on_both};
use crate::support;
use roro::access::Role;
use roro::console::operations;

/// What every page says to a browser.
pub(super) fn must_be_guarded(reply: &Reply, what: &str) {
    let policy = reply.header("content-security-policy");
    for part in ["default-src 'none'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{what}: {policy}");
    let wanted = [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("content-type", "text/html; charset=utf-8"),
    ];
    for (name, value) in wanted {
        assert_eq!(reply.header(name), value, "{what}: {name}");
    }
    assert_eq!(reply.header("x-request-id").len(), 24, "{what}");
    let page = reply.text();
    assert!(!page.contains("<script") && !page.contains(" style=\"") && !page.contains("javascript:"), "{what}: {page}");
    for part in ["<html lang=\"", "name=\"viewport\"", "class=\"skip\"", "<main id=\"main\"", "<h1"] {
        assert!(page.contains(part), "{what} lacks {part}");
    }
}

on_both! {
    async fn every_page_is_guarded_and_needs_no_script(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        click(&clerk, &id).await.expect(303);
        let listed = program.get(&format!("/v1/orders/{id}/documents")).await.expect(200).json();
        let document = listed["items"][0]["id"].as_str().unwrap().to_owned();
        let paths = ["/orders", "/orders?text=x&commercial=quoted", "/search?q=1", "/packs", "/packs/ke", "/plugins", "/docs", "/docs/orders"].map(str::to_owned);
        let mut pages = vec![];
        for path in paths.into_iter().chain([format!("/orders/{id}"), format!("/documents/{document}")]) {
            pages.push((path.clone(), clerk.get(&path).await.expect(200)));
        }
        pages.push(("/sign-in".to_owned(), Visitor::new(&app).get("/sign-in").await.expect(200)));
        for (path, status) in [("/nothing", 404), ("/orders/ord_1", 404), ("/packs/xx", 404), ("/plugins/xx", 404), ("/orders?after=x", 422), ("/search?q=%00", 422), ("/sign-out", 405)] {
            pages.push((path.to_owned(), clerk.get(path).await.expect(status)));
        }
        for (path, reply) in &pages {
            must_be_guarded(reply, path);
        }
        let style = pages[0].1.text().split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let css = clerk.get(&style).await.expect(200);
        assert_eq!((css.header("content-type"), css.header("cache-control")), ("text/css; charset=utf-8", "public, max-age=31536000, immutable"));
        must_be_guarded(&clerk.get("/assets/console.css").await.expect(404), "another asset");
        app.end().await;
    }

    async fn what_goes_wrong_before_a_handler_is_a_page_too(store: &Store) {
        let app = TestApp::start_with(store, |config| config.http.requests_max = 0).await;
        let busy = Visitor::new(&app).get("/orders").await.expect(503);
        must_be_guarded(&busy, "a busy server");
        assert_eq!(busy.header("retry-after"), "1");
        // The other door keeps its problems.
        app.stranger().get("/v1/orders").await.problem(503, "busy");
        app.end().await;
    }

    async fn no_text_of_a_tenant_becomes_markup(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let evil = "\"><script>alert('x')</script>&<img src=x onerror=y>";
        let mut file = example("yokohama-mombasa", 1);
        for place in ["/buyer/name", "/order/payment", "/order/reference", "/vehicles/0/make", "/vehicles/0/identity/number", "/shipment/vessel", "/company/name_local"] {
            support::set(&mut file, place, evil.into());
        }
        let id = import(&program, &file).await;
        let q = encode(evil);
        for path in ["/orders".to_owned(), format!("/orders/{id}"), format!("/orders?text={q}"), format!("/search?q={q}"), "/search?q=NERROR".to_owned(), format!("/orders?after={q}"), format!("/sign-in?next={q}")] {
            let page = clerk.get(&path).await.text();
            assert!(!page.contains("<script") && !page.contains("<img"), "{path}: {page}");
        }
        let list = clerk.get("/orders").await.expect(200).text();
        assert!(list.contains("&lt;script&gt;"), "{list}");
        let failed = clerk.send(&Method::POST, "/sign-in", &[], Some(&[("firm", evil), ("email", evil), ("password", "x")])).await.expect(401);
        assert!(!failed.text().contains("<script") && failed.text().contains("&lt;script&gt;"), "{}", failed.text());
        app.end().await;
    }

    async fn orders_are_listed_page_by_page_and_filtered(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Viewer).await;
        let empty = clerk.get("/orders").await.expect(200).text();
        assert!(empty.contains("No orders yet") && empty.contains("POST /v1/orders/import"), "{empty}");
        for number in 0..52 {
            import(&program, &example("yokohama-mombasa", number)).await;
        }
        let first = clerk.get("/orders").await.expect(200).text();
        assert!(first.contains("50 orders on this page") && first.contains(">HM-T-51</a>") && !first.contains(">HM-T-1</a>"), "{first}");
        let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let second = clerk.get(&next).await.expect(200).text();
        assert!(second.contains("2 orders on this page") && second.contains(">HM-T-1</a>") && second.contains(">HM-T-0</a>"), "{second}");
        assert!(!second.contains("rel=\"next\"") && second.contains("First page"), "{second}");
        let found = clerk.get("/orders?text=hm-t-17&commercial=contracted").await.expect(200).text();
        assert!(found.contains("1 order on this page") && found.contains("value=\"hm-t-17\""), "{found}");
        assert!(clerk.get("/orders?commercial=lost").await.expect(200).text().contains("No order fits this filter."));
        app.end().await;
    }

    async fn the_search_finds_vehicles_by_their_last_characters_and_orders_by_buyer(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Viewer).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        let found = clerk.get("/search?q=718364").await.expect(200).text();
        assert!(found.contains(&format!("<a href=\"/orders/{id}#vehicle-1\">NHP10-2718364</a>")) && found.contains("HM-T-1"), "{found}");
        let buyer = clerk.get("/search?q=savanna").await.expect(200).text();
        assert!(buyer.contains("No vehicle of your firm") && buyer.contains(">HM-T-1</a>"), "{buyer}");
        assert!(clerk.get("/search?q=12").await.expect(200).text().contains("type at least 4"));
        assert!(clerk.get("/search").await.expect(200).text().contains("type at least 4"));
        app.end().await;
    }

    async fn a_pack_shows_its_rules_with_sources_and_dates(store: &Store) {
        let app = TestApp::start(store).await;
        app.tenant("acme").await;
        let viewer = Visitor::signed_in(&app, store, "acme", Role::Viewer).await;
        let list = viewer.get("/packs").await.expect(200).text();
        for pack in support::shelf() {
            assert!(list.contains(&format!("/packs/{}", pack.id())) && list.contains(pack.version()), "{list}");
            let page = viewer.get(&format!("/packs/{}", pack.id())).await.expect(200).text();
            for rule in &pack.contents().rules {
                assert!(page.contains(&rule.id) && page.contains(&rule.checked_on.to_string()), "{}: {}", pack.id(), rule.id);
                let linked = rule.source_url.as_ref().is_none_or(|url| page.contains(&format!("href=\"{}\"", url.replace('&', "&amp;"))));
                assert!(linked, "{}: {:?}", rule.id, rule.source_url);
            }
            for document in &pack.contents().documents {
                assert!(page.contains(&document.id));
            }
            for milestone in &pack.contents().milestones {
                assert!(page.contains(&milestone.id));
            }
            assert!(pack.contents().manifest.reviewer.is_some() || page.contains("Nobody yet"), "{}", pack.id());
        }
        store.tenant("empty").await;
        let stranger = Visitor::signed_in(&app, store, "empty", Role::Viewer).await;
        assert!(stranger.get("/packs").await.expect(200).text().contains("No packs yet"));
        app.end().await;
    }

    async fn no_request_makes_a_page_fail(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let order = import(&program, &example("yokohama-mombasa", 1)).await;
        let csrf = hidden(&clerk.get("/orders").await.text(), "csrf");
        let queries = ["", "?", "?q=%00", "?q=%FF", "?text=%25_%5C'%22", "?after=%00", "?after=", "?commercial=x", "?next=%0d%0aset-cookie:a=b", "?a[b]=c", "?q=a&q=b", "?inline", "?%"];
        let ids = [order.as_str(), "ord_1", "%00", "%C3%28", "..%2f..", "%E4%BD%A0"];
        let forms: [&[(&str, &str)]; 7] = [
            &[],
            &[("csrf", "\0")],
            &[("csrf", &csrf), ("key", ""), ("version", "1")],
            &[("csrf", &csrf), ("key", "k"), ("revision", "-1"), ("reason", "\0")],
            &[("csrf", &csrf), ("key", "k"), ("version", "99999999999999999999")],
            &[("csrf", &csrf), ("key", "k"), ("seen", "\0"), ("digest", "\0"), ("package", "\0"), ("name", "\0"), ("public_key", "\0")],
            &[("firm", "\u{1F697}"), ("email", "\u{202e}"), ("password", "\0"), ("next", "\r\n"), ("language", "\0")],
        ];
        for (method, path) in operations().into_iter().filter(|(_, path)| *path != "/sign-out") {
            for id in ids {
                let path = path.replace("{id}", id).replace("{name}", id).replace("{noun}", id).replace("{file}", id);
                if method == Method::GET {
                    for query in queries {
                        let reply = clerk.get(&format!("{path}{query}")).await;
                        assert!(reply.status < 500, "{path}{query}: {} {}", reply.status, reply.text());
                        assert!(reply.headers.get_all("set-cookie").iter().count() == 0, "{path}{query} sets a cookie");
                    }
                } else {
                    for form in forms {
                        let reply = clerk.post(&path, form).await;
                        assert!(reply.status < 500, "{path} {form:?}: {} {}", reply.status, reply.text());
                    }
                }
            }
        }
        app.end().await;
    }
}
