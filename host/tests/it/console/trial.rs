//! Trying a release on past orders, as an administrator reads it: the numbers are those of `/v1`, and nothing is written.

use super::Visitor;
use super::pages::must_be_guarded;
use super::plugins::{PAGE, admin, form, installed, limit, press, read, says};
use crate::http::{Folder, Past, rows, start_in};
use crate::parcel::Parcel;
use crate::storage::{Store, on_both};
use roro::access::Role;

fn path(release: &str) -> String {
    format!("{PAGE}/releases/{release}/trial")
}

/// The row of an order, from its reference to its end.
fn row<'a>(page: &'a str, order: &str) -> &'a str {
    let row = page.split("<tr>").find(|row| row.contains(&format!("href=\"/orders/{order}\"")));
    row.unwrap_or_else(|| panic!("no row of {order} in\n{page}"))
}

on_both! {
    async fn an_administrator_reads_exactly_what_would_change_and_nothing_is_written(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let past = Past::of(store, &folder, &program).await;
        let admin = admin(&app, store).await;
        let before = rows(store).await;
        let page = read(&admin, PAGE).await;
        says(&page, &["Trying a release changes nothing: it is only asked about your past orders, the newest 1,000 at most."]);
        let (address, fields) = form(&page, "Try release 2 on past orders");
        assert_eq!((address.as_str(), fields.len()), (path(&past.tight).as_str(), 0));
        assert!(!page.contains("Try release 1 on past orders"), "the active release is tried: {page}");

        let reply = admin.get(&address).await.expect(200);
        must_be_guarded(&reply, "a trial");
        let page = reply.text();
        says(&page, &[
            "Of 4 past orders, release 2 would change 3: 2 more would be stopped, 0 set free. Nothing was changed.",
            "2 orders · <span class=\"currency\">JPY</span> 14,472,000", "compared with release 1", "the median of 4 calls", "href=\"/plugins/price-guard\"",
        ]);
        let [_, _, _, dearest] = past.orders.as_slice() else { panic!("four orders") };
        for order in &past.orders[1..3] {
            let row = row(&page, order);
            says(row, &["Passes</span>", "Stopped</span>", "Added", "PRICE-GUARD-01", "costs more than 1500000 JPY", "Block</span>"]);
            assert!(!row.contains("Removed"), "{row}");
        }
        let row = row(&page, dearest);
        says(row, &["Added", "1500000 JPY", "Removed", "3000000 JPY", "<span class=\"currency\">JPY</span> 12,486,000"]);
        assert!(!row.contains("Passes"), "{row}");
        assert!(!page.contains(&past.orders[0]) && !page.contains("are shown; all are counted") && !page.contains("Left out"), "{page}");
        let at = |order: &str| page.find(order).unwrap();
        assert!(at(dearest) < at(&past.orders[2]) && at(&past.orders[2]) < at(&past.orders[1]), "newest first");

        // One that warns sets the dearest free, one that may not read its limit fails on each, the active one changes nothing.
        let page = read(&admin, &path(&past.warns)).await;
        says(&page, &["release 3 would change 3: 0 more would be stopped, 1 set free", "1 order · <span class=\"currency\">JPY</span> 12,486,000", "Warning</span>"]);
        says(&read(&admin, &path(&past.blind)).await, &["4 calls <code>denied</code>"]);
        let page = read(&admin, &path(&past.wide)).await;
        says(&page, &["Of 4 past orders, release 1 would change none. Nothing was changed."]);
        assert!(!page.contains("Activate release"), "{page}");
        assert_eq!(rows(store).await, before, "a trial wrote something");

        // What was read is activated from there; then it takes part.
        press(&admin, &path(&past.tight), "Activate release 2", &[]).await.expect(303);
        says(&read(&admin, PAGE).await, &["Release 2 takes part from the next check on."]);
        says(&read(&admin, &path(&past.wide)).await, &["compared with release 2", "0 more would be stopped, 2 set free"]);
        app.end().await;
    }

    async fn a_trial_is_for_administrators_and_for_releases_of_their_firm(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let past = Past::of(store, &folder, &program).await;
        for role in [Role::Viewer, Role::Clerk] {
            let reader = Visitor::signed_in(&app, store, "acme", role).await;
            assert!(!read(&reader, PAGE).await.contains("/trial\""), "whoever may only read finds the button");
            reader.get(&path(&past.tight)).await.expect(403);
        }
        app.tenant("bolt").await;
        let bolt = Visitor::signed_in(&app, store, "bolt", Role::Admin).await;
        bolt.get(&path(&past.tight)).await.expect(404);
        let admin = admin(&app, store).await;
        for odd in ["rel_1", "%00", "x", &past.orders[0]] {
            admin.get(&path(odd)).await.expect(404);
        }
        admin.get(&path(&past.tight).replace("price-guard", "another")).await.expect(404);
        // Nobody vouches for its package any more: the plugin's page says so, and there is no trial.
        press(&admin, "/plugins", "Revoke the key of Acme", &[]).await.expect(303);
        let reply = admin.get(&path(&past.tight)).await.expect(422);
        must_be_guarded(&reply, "a trial of what nobody vouches for");
        says(&reply.text(), &["Nothing was done.", "does not trust have signed the package", "role=\"alert\""]);
        app.end().await;
    }

    async fn a_firm_without_past_orders_is_told_so(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let program = app.tenant("acme").await;
        let admin = admin(&app, store).await;
        installed(&program, &folder, &Parcel::price_guard("1.0.0")).await;
        program.post("/v1/plugins/price-guard/releases", &limit("1")).await.expect(201);
        let (address, _) = form(&read(&admin, PAGE).await, "Try release 1 on past orders");
        says(&read(&admin, &address).await, &["No past orders yet", "no release takes part today", "Activate release 1", "every check of your firm"]);
        app.end().await;
    }
}
