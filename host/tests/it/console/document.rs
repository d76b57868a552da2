//! One document: its revisions, and making it void.

use serde_json::Value;
use ureq::http::Method;

use super::{Visitor, click, example, hidden, import};
use crate::http::{Client, Reply, TestApp};
use crate::storage::{Store, on_both};
use crate::support;
use roro::access::Role;

const REASON: &str = "The buyer's <name> was wrong.";

/// The invoice of an order that counts.
async fn invoice(program: &Client, order: &str) -> Value {
    let listed = program.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
    let counts = |paper: &&Value| paper["kind"] == "commercial-invoice" && paper["state"] == "issued";
    listed["items"].as_array().unwrap().iter().find(counts).unwrap().clone()
}

fn path(paper: &Value) -> String {
    format!("/documents/{}", paper["id"].as_str().unwrap())
}

fn number(paper: &Value) -> &str {
    paper["number"].as_str().unwrap()
}

/// The button on the page of a document.
fn button(paper: &Value) -> String {
    format!(">Void {}</button>", number(paper))
}

/// The form of a document's page as it stands there, with a reason. The form for signing out comes before it.
fn form(page: &str, reason: &str) -> Vec<(&'static str, String)> {
    let form = page.split("/void\" method=\"post\">").nth(1).unwrap_or_else(|| panic!("no form in\n{page}"));
    let fields = ["csrf", "key", "revision"].map(|name| (name, hidden(form, name)));
    fields.into_iter().chain([("reason", reason.to_owned())]).collect()
}

async fn send(visitor: &Visitor, paper: &Value, form: &[(&'static str, String)]) -> Reply {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.post(&format!("{}/void", path(paper)), &form).await
}

/// Gives an order another buyer.
async fn change(program: &Client, order: &str, version: i64, buyer: &str) {
    let mut file = example("yokohama-mombasa", 1);
    support::set(&mut file, "/buyer/name", buyer.into());
    program.ask(&Method::PUT, &format!("/v1/orders/{order}")).if_match(version).json(&file).send().await.expect(200);
}

on_both! {
    async fn a_clerk_makes_a_document_void_and_the_next_click_replaces_it(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        click(&clerk, &id).await.expect(303);
        let paper = invoice(&program, &id).await;
        let page = clerk.get(&path(&paper)).await.expect(200).text();
        for text in ["The number stays used", &format!("which says that it replaces {}", number(&paper)), &button(&paper)] {
            assert!(page.contains(text), "{text} is not in\n{page}");
        }

        // Pressed twice at once, it is done once, and both are told so.
        let form = form(&page, REASON);
        let (one, two) = tokio::join!(send(&clerk, &paper, &form), send(&clerk, &paper, &form));
        for reply in [one, two] {
            assert_eq!((reply.status, reply.header("location")), (303, path(&paper).as_str()));
            assert!(reply.header("set-cookie").starts_with("__Host-roro-notice=voided;"), "{:?}", reply.headers);
        }
        let page = clerk.get(&path(&paper)).await.expect(200).text();
        assert!(page.contains("The document is void: it no longer counts") && page.contains("The buyer&#x27;s &lt;name&gt; was wrong."), "{page}");
        assert!(page.contains("Nothing replaces it yet.") && page.contains(&format!("href=\"/orders/{id}\"")), "{page}");
        assert!(!page.contains("/void\" method=\"post\""), "a void document is offered to be made void: {page}");

        // Somebody who sends the form all the same changes nothing.
        let mut late = form.clone();
        late[1].1 = "another-key".to_owned();
        late[3].1 = "another reason".to_owned();
        assert!(send(&clerk, &paper, &late).await.expect(303).header("set-cookie").starts_with("__Host-roro-notice=void-already;"));
        let page = clerk.get(&path(&paper)).await.expect(200).text();
        assert!(page.contains("the document was void already") && !page.contains("another reason"), "{page}");

        // The next click makes the one that replaces it, and each leads to the other.
        click(&clerk, &id).await.expect(303);
        let next = invoice(&program, &id).await;
        assert_eq!(next["replaces"], paper["id"]);
        for (one, other) in [(&paper, &next), (&next, &paper)] {
            let page = clerk.get(&path(one)).await.expect(200).text();
            assert!(page.contains(&format!("href=\"{}\">{}</a>", path(other), number(other))), "{page}");
        }
        app.end().await;
    }

    async fn a_wrong_reason_is_said_beside_the_field_and_changes_nothing(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        click(&clerk, &id).await.expect(303);
        let paper = invoice(&program, &id).await;
        let page = clerk.get(&path(&paper)).await.expect(200).text();
        assert!(page.contains("<details>") && !page.contains("Write 1 to 500 characters"), "{page}");
        for wrong in ["", "  ", "two\nlines", &"x".repeat(501)] {
            let reply = send(&clerk, &paper, &form(&page, wrong)).await.expect(422);
            let again = reply.text();
            for text in ["<details open>", "id=\"reason-wrong\"", "Write 1 to 500 characters", "aria-invalid=\"true\"", &button(&paper)] {
                assert!(again.contains(text), "{text} is not in\n{again}");
            }
            assert!(again.contains(&format!("name=\"reason\" value=\"{wrong}\"")), "what was typed is gone: {again}");
            assert!(again.contains(&format!("name=\"next\" value=\"{}\"", path(&paper))), "the language leads elsewhere: {again}");
        }
        // A form without its token, or of another session, is no form.
        for (at, value) in [(0, "x"), (1, "a b")] {
            let mut odd = form(&page, REASON);
            odd[at].1 = value.to_owned();
            let status = send(&clerk, &paper, &odd).await.status;
            assert_eq!(status, if at == 0 { 403 } else { 400 });
        }
        assert_eq!(invoice(&program, &id).await, paper);
        send(&clerk, &paper, &form(&page, &"\u{8f66}".repeat(500))).await.expect(303);
        app.end().await;
    }

    async fn a_viewer_sees_no_form_and_cannot_make_a_document_void(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let viewer = Visitor::signed_in(&app, store, "acme", Role::Viewer).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        click(&clerk, &id).await.expect(303);
        let paper = invoice(&program, &id).await;
        let page = viewer.get(&path(&paper)).await.expect(200).text();
        assert!(!page.contains("/void\" method=\"post\"") && page.contains("id=\"revisions\""), "{page}");
        let form = [("csrf", hidden(&page, "csrf")), ("key", "k".to_owned()), ("revision", "1".to_owned()), ("reason", REASON.to_owned())];
        send(&viewer, &paper, &form).await.expect(403);
        assert_eq!(invoice(&program, &id).await, paper);
        app.end().await;
    }

    async fn every_revision_can_be_kept_and_one_that_came_meanwhile_is_looked_at_first(store: &Store) {
        let app = TestApp::start(store).await;
        let program = app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        let id = import(&program, &example("yokohama-mombasa", 1)).await;
        click(&clerk, &id).await.expect(303);
        let paper = invoice(&program, &id).await;
        let old = clerk.get(&path(&paper)).await.expect(200).text();
        let first = clerk.get(&format!("{}/file", path(&paper))).await.expect(200);
        change(&program, &id, 1, "Pwani Motors Limited").await;
        click(&clerk, &id).await.expect(303);

        let page = clerk.get(&path(&paper)).await.expect(200).text();
        for revision in 1..=2 {
            assert!(page.contains(&format!("href=\"{}/file?revision={revision}\" download", path(&paper))), "{page}");
        }
        assert!(page.contains("Superseded"), "{page}");
        let order = clerk.get(&format!("/orders/{id}")).await.expect(200).text();
        assert!(order.contains(&format!("href=\"{}#revisions\"", path(&paper))), "{order}");
        let older = clerk.get(&format!("{}/file?revision=1", path(&paper))).await.expect(200);
        assert_eq!((older.header("document-state"), &older.body), ("superseded", &first.body));
        assert!(older.header("content-disposition").contains("-r1-SUPERSEDED.pdf"), "{:?}", older.headers);
        clerk.get(&format!("{}/file?revision=3", path(&paper))).await.expect(404);
        clerk.get(&format!("{}/file?revision=0", path(&paper))).await.expect(422);

        // The page that was opened before the second revision voids nothing that nobody has looked at.
        send(&clerk, &paper, &form(&old, REASON)).await.expect(303);
        let page = clerk.get(&path(&paper)).await.expect(200).text();
        assert!(page.contains("Nothing was made void: the document has got a revision") && page.contains(&button(&paper)), "{page}");
        assert_eq!(invoice(&program, &id).await["revision"], 2);
        send(&clerk, &paper, &form(&page, REASON)).await.expect(303);
        let page = clerk.get(&path(&paper)).await.expect(200).text();
        assert!(page.contains("This document is void since"), "{page}");
        app.end().await;
    }
}
