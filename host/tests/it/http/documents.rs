//! Documents over HTTP: void and replace.

use serde_json::{Value, json};
use ureq::http::Method;

use super::client::Asking;
use super::orders::{click, import, order};
use super::{Client, TestApp};
use crate::storage::{Store, on_both};
use crate::support;
use roro::access::Role;

const INVOICE: &str = "commercial-invoice";

/// Every revision of one kind of paper of an order, oldest document first.
async fn papers(client: &Client, order: &str, kind: &str) -> Vec<Value> {
    let listed = client.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
    let mut papers: Vec<Value> = listed["items"].as_array().unwrap().iter().filter(|one| one["kind"] == kind).cloned().collect();
    papers.sort_by_key(|one| (one["number"].as_str().unwrap().to_owned(), one["revision"].as_i64()));
    papers
}

/// The one that counts.
async fn standing(client: &Client, order: &str, kind: &str) -> Value {
    let issued: Vec<Value> = papers(client, order, kind).await.into_iter().filter(|one| one["state"] == "issued").collect();
    let [one] = issued.as_slice() else { panic!("{issued:?}") };
    one.clone()
}

fn void(client: &Client, paper: &Value, reason: &str) -> Asking {
    let path = format!("/v1/documents/{}/void", paper["id"].as_str().unwrap());
    client.ask(&Method::POST, &path).json(&json!({ "reason": reason }))
}

on_both! {
    async fn a_void_document_keeps_its_number_and_the_next_click_replaces_it(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        click(&acme, &id).await.expect(201);
        let (first, list) = (standing(&acme, &id, INVOICE).await, standing(&acme, &id, "packing-list").await);
        assert_eq!((&first["replaces"], &first["voided_at"], &first["void_reason"]), (&Value::Null, &Value::Null, &Value::Null));
        let path = format!("/v1/documents/{}/file", first["id"].as_str().unwrap());
        let file = acme.get(&path).await.expect(200);
        assert_eq!(file.header("document-state"), "issued");

        let answer = void(&acme, &first, " The buyer's name was wrong. ").key("v-1").send().await.expect(200).json();
        assert_eq!((&answer["id"], &answer["state"], &answer["number"]), (&first["id"], &"void".into(), &first["number"]));
        assert_eq!(answer["void_reason"], "The buyer's name was wrong.");
        let kept = papers(&acme, &id, INVOICE).await;
        assert_eq!(kept, std::slice::from_ref(&answer), "a list does not say what the answer said");
        // What has left the house can still be looked at, as it was, and says what it is.
        let after = acme.get(&path).await.expect(200);
        assert_eq!((after.header("document-state"), &after.body), ("void", &file.body));
        assert!(after.header("content-disposition").contains("-VOID.pdf"), "{:?}", after.headers);

        // The same request again gets its answer, another one is told that there is nothing to do.
        let again = void(&acme, &first, " The buyer's name was wrong. ").key("v-1").send().await.expect(200);
        assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", answer));
        void(&acme, &first, "again").key("v-2").send().await.problem(409, "conflict");

        // The order has not changed: only the void paper is made again, under the next number.
        let report = click(&acme, &id).await.expect(201).json();
        let line = report["documents"].as_array().unwrap().iter().find(|one| one["document"] == INVOICE).unwrap();
        assert_eq!(line["replaces"], first["number"], "{line}");
        let second = standing(&acme, &id, INVOICE).await;
        assert_eq!((&second["replaces"], &second["revision"]), (&first["id"], &1.into()));
        assert_ne!(second["number"], first["number"]);
        assert_ne!(second["id"], first["id"]);
        assert_eq!(standing(&acme, &id, "packing-list").await["id"], list["id"], "a paper that nobody voided was replaced");
        let page = acme.get(&format!("/v1/documents/{}/file", second["id"].as_str().unwrap())).await.expect(200);
        let text = support::pdf_text(&page.body);
        assert!(text.contains(&format!("replaces {}", first["number"].as_str().unwrap())), "{text}");
        click(&acme, &id).await.expect(200);

        // A revision of the new one still names the old one; and it can be void in its turn.
        let mut changed = order(1);
        support::set(&mut changed, "/buyer/name", "Pwani Motors Limited".into());
        acme.ask(&Method::PUT, &format!("/v1/orders/{id}")).json(&changed).if_match(1).send().await.expect(200);
        click(&acme, &id).await.expect(201);
        let revised = standing(&acme, &id, INVOICE).await;
        assert_eq!((&revised["id"], &revised["revision"], &revised["replaces"]), (&second["id"], &2.into(), &first["id"]));
        void(&acme, &revised, "wrong again").send().await.expect(200);
        click(&acme, &id).await.expect(201);
        let states: Vec<(Value, Value)> =
            papers(&acme, &id, INVOICE).await.iter().map(|one| (one["state"].clone(), one["replaces"].clone())).collect();
        let word = |word: &str| Value::from(word);
        assert_eq!(states, [
            (word("void"), Value::Null),
            (word("superseded"), first["id"].clone()),
            (word("void"), first["id"].clone()),
            (word("issued"), second["id"].clone()),
        ]);
        app.end().await;
    }

    async fn an_older_revision_is_there_as_it_was_and_says_that_it_no_longer_counts(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let mut file = order(1);
        let id = import(&acme, "k-1", &file).await.expect(201).id();
        click(&acme, &id).await.expect(201);
        let paper = standing(&acme, &id, INVOICE).await;
        let path = format!("/v1/documents/{}/file", paper["id"].as_str().unwrap());
        let first = acme.get(&path).await.expect(200);
        assert_eq!(acme.get(&format!("{path}?revision=1")).await.expect(200).body, first.body);

        support::set(&mut file, "/buyer/name", "Pwani Motors Limited".into());
        acme.ask(&Method::PUT, &format!("/v1/orders/{id}")).json(&file).if_match(1).send().await.expect(200);
        click(&acme, &id).await.expect(201);
        let second = acme.get(&path).await.expect(200);
        assert_ne!(second.body, first.body);
        let older = acme.get(&format!("{path}?revision=1")).await.expect(200);
        assert_eq!((older.header("document-state"), &older.body), ("superseded", &first.body));
        assert_eq!(older.header("etag"), first.header("etag"));
        assert!(older.header("content-disposition").contains("-r1-SUPERSEDED.pdf"), "{:?}", older.headers);
        let newest = acme.get(&format!("{path}?revision=2")).await.expect(200);
        assert_eq!((newest.header("document-state"), &newest.body), ("issued", &second.body));
        assert!(newest.header("content-disposition").contains("-r2.pdf"), "{:?}", newest.headers);

        // Only the last revision becomes void: the one before it had stopped counting already.
        void(&acme, &paper, "sold to somebody else").send().await.expect(200);
        for (query, state) in [("", "void"), ("?revision=2", "void"), ("?revision=1", "superseded")] {
            assert_eq!(acme.get(&format!("{path}{query}")).await.expect(200).header("document-state"), state, "{query}");
        }

        for unknown in ["3", "4294967295"] {
            acme.get(&format!("{path}?revision={unknown}")).await.problem(404, "not-found");
        }
        for wrong in ["revision=0", "revision=-1", "revision=1.5", "revision=x", "revision=", "revision=4294967296", "version=1"] {
            acme.get(&format!("{path}?{wrong}")).await.problem(422, "invalid");
        }
        let bolt = app.tenant("bolt").await;
        bolt.get(&format!("{path}?revision=1")).await.problem(404, "not-found");
        app.end().await;
    }

    async fn a_void_needs_a_clerk_and_a_reason(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        click(&acme, &id).await.expect(201);
        let paper = standing(&acme, &id, INVOICE).await;
        for wrong in ["", "  ", "a\u{0}b", &"x".repeat(501)] {
            let problem = void(&acme, &paper, wrong).send().await.problem(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "/reason", "{problem}");
        }
        let viewer = app.as_role("acme", Role::Viewer).await;
        void(&viewer, &paper, "I may not").send().await.problem(403, "forbidden");
        assert_eq!(standing(&acme, &id, INVOICE).await, paper);
        let clerk = app.as_role("acme", Role::Clerk).await;
        void(&clerk, &paper, &"x".repeat(500)).send().await.expect(200);

        // The trail says who and what; the reason, which may name people, is not in it.
        let scope = store.ctx.db.read(&roro::access::operator(&store.ctx, "acme").await.unwrap()).await.unwrap();
        let trail = roro::command::of_subject(&scope, paper["id"].as_str().unwrap(), 10).await.unwrap();
        let [row] = trail.as_slice() else { panic!("{trail:?}") };
        assert_eq!(row.verb, "document.void");
        assert!(row.before_json.as_ref().unwrap().contains(paper["number"].as_str().unwrap()), "{row:?}");
        assert!(!format!("{row:?}").contains("xxx"), "{row:?}");
        app.end().await;
    }

    async fn of_a_void_and_clicks_at_once_nothing_void_comes_back(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let mut file = order(1);
        let id = import(&acme, "k-1", &file).await.expect(201).id();
        click(&acme, &id).await.expect(201);
        // Each round: the order changes, so that a click wants to make the next revision, while the paper is made void.
        for round in 1..=4 {
            support::set(&mut file, "/buyer/name", format!("Buyer {round}").into());
            acme.ask(&Method::PUT, &format!("/v1/orders/{id}")).json(&file).if_match(round).send().await.expect(200);
            let paper = standing(&acme, &id, INVOICE).await;
            let (voided, one, two) = tokio::join!(void(&acme, &paper, "at once").send(), click(&acme, &id), click(&acme, &id));
            voided.expect(200);
            for reply in [one, two] {
                assert!([200, 201, 409].contains(&reply.status), "{}", reply.text());
            }
            click(&acme, &id).await;
            let of_paper: Vec<Value> = papers(&acme, &id, INVOICE).await.into_iter().filter(|one| one["id"] == paper["id"]).collect();
            assert_eq!(of_paper.last().unwrap()["state"], "void", "{of_paper:?}");
            assert_ne!(standing(&acme, &id, INVOICE).await["id"], paper["id"]);
        }
        let all = papers(&acme, &id, INVOICE).await;
        let mut numbers: Vec<&str> = all.iter().map(|one| one["number"].as_str().unwrap()).collect();
        numbers.dedup();
        let series: Vec<String> = (1..=numbers.len()).map(|at| format!("CI-2026-{at:05}")).collect();
        assert_eq!(numbers, series, "the series has a gap");
        app.end().await;
    }
}
