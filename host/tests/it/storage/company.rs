//! Companies and parties.

use super::{Store, on_both};
use roro::command::{Key, Request};
use roro::company::{self, Company};
use roro::party::{self, Party};
use roro::register::{self, InScript, TaxId};

fn scripts() -> Vec<InScript> {
    vec![
        InScript { script: "Latn".to_owned(), name: "Umi Motors K.K.".to_owned(), address: vec!["1-2 Minato".to_owned()] },
        InScript {
            script: "Jpan".to_owned(), name: "株式会社海モータース".to_owned(), address: vec!["港区1-2".to_owned()]
        },
    ]
}

fn company() -> company::Input {
    company::Input {
        source: Some("erp".to_owned()),
        external_id: Some("C-1".to_owned()),
        country: "JP".to_owned(),
        home_currency: "JPY".parse().unwrap(),
        zone: "Asia/Tokyo".parse().unwrap(),
        scripts: scripts(),
        tax_ids: vec![TaxId { kind: "corporate".to_owned(), value: "1234567890123".to_owned() }],
        bank_accounts: vec![company::BankAccount {
            currency: "USD".parse().unwrap(),
            bank: "Harbour Bank".to_owned(),
            bank_address: None,
            swift: "HARBJPJT".to_owned(),
            account: "0012345".to_owned(),
            holder: "Umi Motors K.K.".to_owned(),
        }],
        seal_object: None,
    }
}

fn buyer() -> party::Input {
    party::Input {
        source: None,
        external_id: None,
        country: "KE".to_owned(),
        scripts: scripts(),
        tax_ids: vec![],
        contacts: vec![],
    }
}

fn request(key: &str) -> Request {
    Request::new("test", Some(key.parse::<Key>().unwrap()), &[])
}

on_both! {
    async fn a_company_is_kept_as_it_was_given(store: &Store) {
        let acme = store.tenant("acme").await;
        let answer = register::create::<Company>(&store.ctx, &acme, request("k"), company()).await.unwrap();
        assert_eq!(answer.status, 201);
        let listed = company::list(&store.ctx, &acme, None, 10).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.input.clone()).collect::<Vec<_>>(), [company()]);
        let id = listed[0].id;
        assert!(answer.body.contains(&id.to_string()) && answer.body.contains("株式会社"), "{}", answer.body);
        assert_eq!(register::get::<Company>(&store.ctx, &acme, id).await.unwrap(), listed[0]);
        let bolt = store.tenant("bolt").await;
        assert!(matches!(register::get::<Company>(&store.ctx, &bolt, id).await, Err(register::Error::Unknown("company"))));
        let twin = register::create::<Company>(&store.ctx, &acme, request("k2"), company()).await;
        assert!(matches!(twin, Err(register::Error::Taken("company"))), "{twin:?}");
    }

    async fn a_change_must_know_the_version_that_it_changes(store: &Store) {
        let acme = store.tenant("acme").await;
        register::create::<Party>(&store.ctx, &acme, request("k"), buyer()).await.unwrap();
        let id = party::list(&store.ctx, &acme, Some("umi"), None, 10).await.unwrap()[0].id;
        let mut changed = buyer();
        changed.country = "TZ".to_owned();
        let answer = register::replace::<Party>(&store.ctx, &acme, request("k2"), id, 1, changed.clone()).await.unwrap();
        assert_eq!(answer.status, 200);
        let late = register::replace::<Party>(&store.ctx, &acme, request("k3"), id, 1, changed).await;
        assert!(matches!(late, Err(register::Error::Moved { now: 2, .. })), "{late:?}");
        assert_eq!(register::get::<Party>(&store.ctx, &acme, id).await.unwrap().input.country, "TZ");
    }

    async fn of_two_changes_at_once_one_wins(store: &Store) {
        let acme = store.tenant("acme").await;
        register::create::<Party>(&store.ctx, &acme, request("k"), buyer()).await.unwrap();
        let id = party::list(&store.ctx, &acme, None, None, 10).await.unwrap()[0].id;
        let changes = (0..8).map(|n| {
            let key = request(&format!("c{n}"));
            register::replace::<Party>(&store.ctx, &acme, key, id, 1, buyer())
        });
        let done = futures::future::join_all(changes).await;
        assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1);
        assert_eq!(register::get::<Party>(&store.ctx, &acme, id).await.unwrap().version, 2);
    }

    async fn parties_come_in_pages_that_neither_skip_nor_repeat(store: &Store) {
        let acme = store.tenant("acme").await;
        for n in 0..7 {
            register::create::<Party>(&store.ctx, &acme, request(&format!("k{n}")), buyer()).await.unwrap();
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = party::list(&store.ctx, &acme, None, after, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|one| one.id));
            // Somebody adds a party between two pages: it is newer than all that is still to come.
            register::create::<Party>(&store.ctx, &acme, request(&format!("between{}", seen.len())), buyer()).await.unwrap();
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.is_sorted_by(|a, b| a > b));
    }

    async fn a_search_takes_percent_and_underscore_literally(store: &Store) {
        let acme = store.tenant("acme").await;
        let mut odd = buyer();
        odd.scripts[0].name = "100%_Cars".to_owned();
        register::create::<Party>(&store.ctx, &acme, request("k1"), odd).await.unwrap();
        register::create::<Party>(&store.ctx, &acme, request("k2"), buyer()).await.unwrap();
        for (typed, found) in [("0%_c", 1), ("%", 1), ("_", 1), ("umi", 1), ("\\", 0), ("zebra", 0)] {
            assert_eq!(party::list(&store.ctx, &acme, Some(typed), None, 10).await.unwrap().len(), found, "{typed}");
        }
    }

    async fn what_no_paper_can_show_is_refused_with_its_place(store: &Store) {
        let acme = store.tenant("acme").await;
        let mut bad = buyer();
        bad.scripts[1].name = "a\u{7}b".to_owned();
        let refused = register::create::<Party>(&store.ctx, &acme, request("k"), bad).await;
        assert!(matches!(&refused, Err(register::Error::Input(refused)) if refused.place == "/scripts/1/name"), "{refused:?}");
    }
}
