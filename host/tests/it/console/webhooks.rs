//! The pages for webhooks: the same verbs as behind `/v1/webhooks`, for administrators alone, and no secret that is shown twice.

use super::pages::must_be_guarded;
use super::plugins::{admin, form, press, read, says, send};
use super::{Visitor, hidden};
use crate::http::TestApp;
use crate::storage::{Store, on_both};
use roro::access::Role;

/// The secret that a page shows.
fn secret(page: &str) -> Option<String> {
    let rest = page.split("secret-text\">").nth(1)?;
    Some(rest.split('<').next().unwrap().to_owned())
}

on_both! {
    async fn an_administrator_adds_stops_resends_and_ends_a_webhook(store: &Store) {
        let app = TestApp::start_with(store, |config| config.webhooks.couriers_max = 0).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        let empty = read(&admin, "/webhooks").await;
        says(&empty, &["No webhooks yet", "href=\"/webhooks\" aria-current=\"page\""]);
        let adding = form(&empty, "Add a webhook");

        let wrong = send(&admin, &adding, &[("url", "http://roro.invalid/hook"), ("description", "the books"), ("kind-order.imported", "on")]).await.expect(422);
        must_be_guarded(&wrong, "an address that does not fit");
        says(&wrong.text(), &["This does not fit:", "must begin with https://", "value=\"the books\"", "name=\"kind-order.imported\" value=\"on\" checked"]);

        let adding = form(&wrong.text(), "Add a webhook");
        let filled = [("url", "https://roro.invalid/hook"), ("description", "the books"), ("kind-order.imported", "on")];
        let added = send(&admin, &adding, &filled).await.expect(201);
        must_be_guarded(&added, "a webhook with its secret");
        let id = program.get("/v1/webhooks").await.expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
        let known = program.get(&format!("/v1/webhooks/{id}/secret")).await.expect(200).json()["secret"].as_str().unwrap().to_owned();
        assert_eq!(secret(&added.text()).as_deref(), Some(known.as_str()));
        // The same form again adds nothing and shows no secret again; nor does the page.
        let page = format!("/webhooks/{id}");
        let again = send(&admin, &adding, &filled).await.expect(303);
        assert_eq!(again.header("location"), page);
        let shown = read(&admin, &page).await;
        assert!(secret(&shown).is_none() && !shown.contains(&known), "{shown}");
        says(&shown, &["the books", "https://roro.invalid/hook", "order.imported", "Nothing was sent within the last month."]);
        assert_eq!(program.get("/v1/webhooks").await.expect(200).json()["items"].as_array().unwrap().len(), 1);

        let rotated = press(&admin, &page, "Make a new secret", &[]).await.expect(200);
        let fresh = secret(&rotated.text()).unwrap();
        assert_ne!(fresh, known);
        assert!(!read(&admin, &page).await.contains(&fresh));

        press(&admin, &page, "Send a test", &[]).await.expect(303);
        says(&read(&admin, &page).await, &["webhook.test", "Waiting", "It is in line"]);
        press(&admin, &page, "Send again", &[]).await.expect(303);
        let sent = program.get(&format!("/v1/webhooks/{id}/deliveries")).await.expect(200).json();
        assert_eq!(sent["items"].as_array().unwrap().len(), 2);
        assert_eq!(sent["items"][0]["event"], sent["items"][1]["event"]);

        let stale = form(&read(&admin, &page).await, "Stop sending");
        press(&admin, &page, "Stop sending", &[]).await.expect(303);
        says(&read(&admin, &page).await, &["Nothing is sent to this webhook from now on.", "Stopped"]);
        assert_eq!(program.get(&format!("/v1/webhooks/{id}")).await.expect(200).json()["enabled"], false);
        press(&admin, &page, "Send again from now on", &[]).await.expect(303);
        assert_eq!(program.get(&format!("/v1/webhooks/{id}")).await.expect(200).json()["enabled"], true);
        // A page that was opened before: with a key of its own it would act on what it did not show.
        let mut old = stale;
        old.1.iter_mut().find(|(name, _)| name == "key").unwrap().1 = "another".to_owned();
        send(&admin, &old, &[]).await.expect(303);
        says(&read(&admin, &page).await, &["the webhook has changed since you opened the page", "Sending"]);

        press(&admin, &page, "End the webhook", &[]).await.expect(303);
        says(&read(&admin, "/webhooks").await, &["The webhook is ended", "No webhooks yet"]);
        admin.get(&page).await.expect(404);
        app.end().await;
    }

    async fn only_administrators_see_webhooks(store: &Store) {
        let app = TestApp::start(store).await;
        app.tenant("acme").await;
        let clerk = Visitor::signed_in(&app, store, "acme", Role::Clerk).await;
        clerk.get("/webhooks").await.expect(403);
        let home = clerk.get("/orders").await.expect(200).text();
        assert!(!home.contains("href=\"/webhooks\"") && home.contains("href=\"/docs\""), "{home}");
        let csrf = hidden(&home, "csrf");
        clerk.post("/webhooks", &[("csrf", &csrf), ("key", "k"), ("url", "https://roro.invalid/")]).await.expect(403);
        let admin = admin(&app, store).await;
        admin.post("/webhooks", &[("key", "k"), ("url", "https://roro.invalid/")]).await.expect(403);
        says(&read(&admin, "/webhooks").await, &["No webhooks yet"]);
        app.end().await;
    }
}
