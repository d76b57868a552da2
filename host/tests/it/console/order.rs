//! One order: its findings, the one click, its documents.

use serde_json::Value;

use super::{Visitor, click, documents, example, form_value, hidden, import};
use crate::http::TestApp;
use crate::storage::{Store, on_both};
use crate::support;
use roro::access::Role;

on_both! {
    async fn one_click_issues_and_the_page_says_so(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let file = example("yokohama-mombasa", 1);
        let id = import(&program, &file).await;
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        let wanted = program.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json()["documents"].as_array().unwrap().len();
        assert!(page.contains(&format!("Issue {wanted} documents")) && page.contains(&format!("0 of {wanted} issued")), "{page}");
        for vehicle in file["vehicles"].as_array().unwrap() {
            assert!(page.contains(vehicle["identity"]["number"].as_str().unwrap()));
        }
        assert!(page.contains("4,991,000") && page.contains("JPYOK") && page.contains("CFR Mombasa"), "{page}");

        let clicked = click(&clerk, &id).await.expect(303);
        assert_eq!(clicked.header("location"), format!("/orders/{id}"));
        assert_eq!(documents(&program, &id).await, wanted);
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(page.contains(&format!("{wanted} documents are issued.")) && page.contains(&format!("All {wanted} documents are issued")), "{page}");
        assert!(page.contains("CI-2026-00001"), "{page}");
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(!page.contains("They stand in the list below"), "a notice is said once");

        click(&clerk, &id).await.expect(303);
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(page.contains("Nothing has changed"), "{page}");
        assert_eq!(documents(&program, &id).await, wanted);
        let list = clerk.get("/orders").await.expect(200).text();
        assert!(list.contains("HM-T-1") && list.contains("Savanna Ridge Motors Limited"), "{list}");
        app.end().await;
    }

    async fn a_form_without_its_token_issues_nothing(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let other = Visitor::signed_in(&app, store, "acme", Role::Admin).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        let (path, page) = (format!("/orders/{id}/documents"), clerk.get(&format!("/orders/{id}")).await.expect(200).text());
        let (csrf, key) = (form_value(&page, "csrf"), form_value(&page, "key"));
        let theirs = form_value(&other.get(&format!("/orders/{id}")).await.expect(200).text(), "csrf");
        let short = &csrf[..csrf.len() - 1];
        for wrong in ["", "x", short, theirs.as_str()] {
            let form = [("csrf", wrong), ("key", key.as_str()), ("version", "1")];
            let refused = clerk.post(&path, &form).await.expect(403);
            assert!(refused.header("content-type").starts_with("text/html") && refused.text().contains("<h1>"), "{}", refused.text());
        }
        clerk.post(&path, &[("key", &key), ("version", "1")]).await.expect(403);
        let good = [("csrf", csrf.as_str()), ("key", key.as_str()), ("version", "1")];
        clerk.send(&ureq::http::Method::POST, &path, &[("Sec-Fetch-Site", "cross-site")], Some(&good)).await.expect(403);
        clerk.post(&path, &[("csrf", &csrf), ("key", "a b"), ("version", "1")]).await.expect(400);
        assert_eq!(documents(&program, &id).await, 0);
        clerk.post(&path, &good).await.expect(303);
        assert!(documents(&program, &id).await > 0);
        app.end().await;
    }

    async fn the_same_form_sent_twice_at_once_issues_once(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        let (csrf, key) = (form_value(&page, "csrf"), form_value(&page, "key"));
        let form = [("csrf", csrf.as_str()), ("key", key.as_str()), ("version", "1")];
        let path = format!("/orders/{id}/documents");
        let (one, two) = tokio::join!(clerk.post(&path, &form), clerk.post(&path, &form));
        let issued = |reply: &crate::http::Reply| reply.header("set-cookie").to_owned();
        assert_eq!((one.status, two.status), (303, 303));
        assert!(issued(&one).starts_with("__Host-roro-notice=issued.") && issued(&one) == issued(&two), "{one:?} {two:?}");
        let listed = program.get(&format!("/v1/orders/{id}/documents")).await.expect(200).json();
        assert!(listed["items"].as_array().unwrap().iter().all(|paper| paper["revision"] == 1), "{listed}");
        let numbers: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|paper| paper["number"].as_str().unwrap()).collect();
        assert!(numbers.iter().all(|number| number.ends_with("-00001")), "{numbers:?}");
        app.end().await;
    }

    async fn a_viewer_sees_why_there_is_no_button_and_cannot_issue(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let viewer = Visitor::signed_in(&app, store, "acme", Role::Viewer).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        let page = viewer.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(!page.contains("/documents\" method=\"post\"") && page.contains("You may read."), "{page}");
        let csrf = hidden(&page, "csrf");
        let form = [("csrf", csrf.as_str()), ("key", "k"), ("version", "1")];
        viewer.post(&format!("/orders/{id}/documents"), &form).await.expect(403);
        assert_eq!(documents(&program, &id).await, 0);
        app.end().await;
    }

    async fn findings_stand_with_their_source_and_take_the_button_away(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let id = import(&program, &example("broken/06-left-hand-drive", 6)).await;
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        let report = program.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
        for finding in report["findings"].as_array().unwrap() {
            let source = finding.pointer("/source/checked_on").and_then(Value::as_str).unwrap_or("A check of Roro itself");
            for text in [finding["rule"].as_str().unwrap(), finding["place"].as_str().unwrap(), source] {
                assert!(page.contains(text), "{text} is not on the page");
            }
        }
        assert!(page.contains("KE-DRIVE-01") && page.contains("has the wheel on the left"), "{page}");
        assert!(page.contains("href=\"#vehicle-2\"") && page.contains("id=\"vehicle-2\""), "the finding leads to its vehicle");
        assert!(page.contains("href=\"#finding-1\"") && page.contains("id=\"finding-1\""), "the vehicle leads to its finding");
        assert!(page.contains("finding stops the documents") && !page.contains("/documents\" method=\"post\""), "{page}");

        // Somebody who sends the form all the same is told the same.
        let csrf = hidden(&page, "csrf");
        clerk.post(&format!("/orders/{id}/documents"), &[("csrf", &csrf), ("key", "k"), ("version", "1")]).await.expect(303);
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(page.contains("Nothing was issued: 1 finding stops this order."), "{page}");
        assert_eq!(documents(&program, &id).await, 0);
        app.end().await;
    }

    async fn an_order_that_changed_under_the_page_is_looked_at_first(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let mut file = example("yokohama-mombasa", 1);
        let id = import(&program, &file).await;
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        let (csrf, key) = (form_value(&page, "csrf"), form_value(&page, "key"));
        support::set(&mut file, "/buyer/contact", "Another Person".into());
        program.ask(&ureq::http::Method::PUT, &format!("/v1/orders/{id}")).if_match(1).json(&file).send().await.expect(200);
        clerk.post(&format!("/orders/{id}/documents"), &[("csrf", &csrf), ("key", &key), ("version", "1")]).await.expect(303);
        assert_eq!(documents(&program, &id).await, 0);
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(page.contains("the order has changed since you opened the page") && page.contains("version 2"), "{page}");
        click(&clerk, &id).await.expect(303);
        assert!(documents(&program, &id).await > 0);
        app.end().await;
    }

    async fn a_document_is_shown_in_a_frame_of_ours_and_kept_otherwise(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        click(&clerk, &id).await.expect(303);
        let listed = program.get(&format!("/v1/orders/{id}/documents")).await.expect(200).json();
        let invoice = listed["items"].as_array().unwrap().iter().find(|paper| paper["kind"] == "commercial-invoice").unwrap();
        let document = invoice["id"].as_str().unwrap();
        let page = clerk.get(&format!("/documents/{document}")).await.expect(200).text();
        for text in [invoice["number"].as_str().unwrap(), invoice["file_sha256"].as_str().unwrap(), "HM-T-1", "<iframe"] {
            assert!(page.contains(text), "{text} is not in\n{page}");
        }
        let shown = clerk.get(&format!("/documents/{document}/file?inline=1")).await.expect(200);
        assert!(shown.header("content-disposition").starts_with("inline; filename="), "{:?}", shown.headers);
        assert_eq!((shown.header("content-type"), shown.header("x-frame-options")), ("application/pdf", "SAMEORIGIN"));
        let policy = shown.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
        let kept = clerk.get(&format!("/documents/{document}/file")).await.expect(200);
        assert!(kept.header("content-disposition").starts_with("attachment; filename="), "{:?}", kept.headers);
        assert!(kept.header("content-security-policy").contains("sandbox"), "{:?}", kept.headers);
        assert_eq!(kept.body, shown.body);
        assert_eq!(kept.header("etag"), format!("\"{}\"", invoice["file_sha256"].as_str().unwrap()));

        let reason = serde_json::json!({ "reason": "the buyer's <name> is wrong" });
        program.post(&format!("/v1/documents/{document}/void"), &reason).await.expect(200);
        let page = clerk.get(&format!("/documents/{document}")).await.expect(200).text();
        assert!(page.contains("This document is void since") && page.contains("&lt;name&gt; is wrong"), "{page}");
        let page = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(page.contains("6 of 7 issued") && page.contains("Issue 7 documents") && page.contains("1 document will be made"), "{page}");
        app.end().await;
    }
}
