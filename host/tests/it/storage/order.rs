//! The tables of orders, vehicles, documents, packs and runs.

use super::{Store, on_both};
use roro::access::Actor;
use roro::document::table::{self as documents, Series, State};
use roro::hook_run::table as runs;
use roro::kernel::db::{Error, Write};
use roro::kernel::id::{CompanyId, DocumentId, OrderId};
use roro::kernel::time::Day;
use roro::order::table::{self as orders, Commercial, Filter, Goods, Paid};
use roro::pack::table as packs;
use roro::vehicle::table::{self as vehicles, IdentityKind};
use std::future::Future;

async fn company(store: &Store, actor: &Actor) -> CompanyId {
    let input: roro::company::Input = serde_json::from_value(serde_json::json!({
        "country": "JP", "home_currency": "JPY", "zone": "Asia/Tokyo", "scripts": [{ "script": "Latn", "name": "Umi" }],
    }))
    .unwrap();
    let request = roro::command::Request::new("test", None, &[]);
    roro::register::create::<roro::company::Company>(&store.ctx, actor, request, input).await.unwrap();
    roro::company::list(&store.ctx, actor, None, 1).await.unwrap()[0].id
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn order(store: &Store, actor: &Actor, company: CompanyId, n: u32) -> orders::Row {
    orders::Row {
        tenant: actor.tenant().id(),
        id: store.ctx.id(),
        source: "erp".to_owned(),
        external_id: format!("O-{n}"),
        company,
        reference: format!("UMI-{n}"),
        buyer_name: "Pwani Cars Ltd".to_owned(),
        buyer_folded: "pwani cars ltd".to_owned(),
        commercial: Commercial::Contracted,
        goods: Goods::Waiting,
        money: Paid::Open,
        currency: "USD".parse().unwrap(),
        total_minor: 1_250_000,
        vehicle_count: 1,
        contract_date: day("2026-03-01"),
        etd: Some(day("2026-03-20")),
        eta: None,
        version: 1,
        created_at: store.ctx.now(),
        changed_at: store.ctx.now(),
        archived_at: None,
    }
}

fn version(store: &Store, row: &orders::Row, version: i64) -> orders::VersionRow {
    orders::VersionRow {
        tenant: row.tenant,
        order_id: row.id,
        version,
        file: "{}".to_owned(),
        file_hash: "0".repeat(64),
        command: store.ctx.id(),
        created_at: store.ctx.now(),
    }
}

fn vehicle(store: &Store, order: &orders::Row, position: i64, identity: &str) -> vehicles::Model {
    vehicles::Model {
        tenant: order.tenant,
        id: store.ctx.id(),
        order_id: order.id,
        position,
        identity_kind: IdentityKind::Frame,
        identity: identity.to_owned(),
        identity_normal: vehicles::normal(identity),
        identity_reversed: vehicles::reversed(identity),
        make: "Toyota".to_owned(),
        model: "Corolla".to_owned(),
        milestone: None,
        version: 1,
        created_at: store.ctx.now(),
        archived_at: None,
    }
}

fn document(store: &Store, order: &orders::Row, id: DocumentId, revision: i64, sha256: &str) -> documents::Row {
    documents::Row {
        tenant: order.tenant,
        id,
        revision,
        order_id: order.id,
        subject: order.id.to_string(),
        kind: "commercial-invoice".to_owned(),
        number: "CI-2026-0001".to_owned(),
        order_version: 1,
        state: State::Issued,
        data_hash: "d".repeat(64),
        file_sha256: sha256.to_owned(),
        media_type: "application/pdf".to_owned(),
        pages: 2,
        run: None,
        as_of: day("2026-03-01"),
        created_at: store.ctx.now(),
        voided_at: None,
        void_reason: None,
        replaces: None,
    }
}

async fn write<T, F, Fut>(store: &Store, actor: &Actor, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: Fn(Write) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Error>> + Send + 'static,
{
    store.ctx.db.write(actor, work).await
}

async fn insert(store: &Store, actor: &Actor, row: &orders::Row) -> bool {
    let (row, first) = (row.clone(), version(store, row, 1));
    write(store, actor, move |tx| {
        let (row, first) = (row.clone(), first.clone());
        async move { orders::insert(&tx, row, first).await }
    })
    .await
    .unwrap()
}

on_both! {
    async fn an_order_comes_in_once_and_is_read_back(store: &Store) {
        let acme = store.tenant("acme").await;
        let row = order(store, &acme, company(store, &acme).await, 1);
        assert!(insert(store, &acme, &row).await);
        let mut again = row.clone();
        again.id = store.ctx.id();
        assert!(!insert(store, &acme, &again).await, "the same external id came twice");
        let scope = store.ctx.db.read(&acme).await.unwrap();
        assert_eq!(orders::by_id(&scope, row.id).await.unwrap().unwrap(), row);
        assert_eq!(orders::by_external_id(&scope, "erp", "O-1").await.unwrap().unwrap().id, row.id);
        assert_eq!(orders::version(&scope, row.id, 1).await.unwrap().unwrap().file, "{}");
        assert_eq!(orders::version(&scope, row.id, 2).await.unwrap(), None);
    }

    async fn of_two_new_versions_at_once_one_wins(store: &Store) {
        let acme = store.tenant("acme").await;
        let row = order(store, &acme, company(store, &acme).await, 1);
        insert(store, &acme, &row).await;
        let both = (0..6).map(|n| {
            let (mut row, next) = (row.clone(), version(store, &row, 2));
            row.buyer_name = format!("Buyer {n}");
            write(store, &acme, move |tx| {
                let (row, next) = (row.clone(), next.clone());
                async move { orders::advance(&tx, 1, row, next).await }
            })
        });
        let won: Vec<bool> = futures::future::join_all(both).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let id = row.id;
        let held = |version| write(store, &acme, move |tx| async move { orders::hold_version(&tx, id, version).await });
        assert!(!held(1).await.unwrap());
        assert!(held(2).await.unwrap());
    }

    async fn orders_come_in_pages_newest_first_and_are_found_by_buyer_and_reference(store: &Store) {
        let acme = store.tenant("acme").await;
        let company = company(store, &acme).await;
        for n in 0..5 {
            let mut row = order(store, &acme, company, n);
            if n == 3 {
                row.buyer_folded = "50%_off motors".to_owned();
                row.commercial = Commercial::Quoted;
            }
            insert(store, &acme, &row).await;
        }
        let scope = store.ctx.db.read(&acme).await.unwrap();
        let references = |rows: Vec<orders::Row>| rows.into_iter().map(|row| row.reference).collect::<Vec<_>>();
        let first = orders::page(&scope, &Filter::default(), None, 2).await.unwrap();
        let after = first.last().map(|row| row.id);
        assert_eq!(references(first), ["UMI-4", "UMI-3"]);
        assert_eq!(references(orders::page(&scope, &Filter::default(), after, 10).await.unwrap()), ["UMI-2", "UMI-1", "UMI-0"]);
        let text = |text: &str| Filter { text: Some(text.to_owned()), commercial: None };
        assert_eq!(references(orders::page(&scope, &text("0%_OFF"), None, 10).await.unwrap()), ["UMI-3"]);
        assert_eq!(references(orders::page(&scope, &text("umi-2"), None, 10).await.unwrap()), ["UMI-2"]);
        let quoted = Filter { text: None, commercial: Some(Commercial::Quoted) };
        assert_eq!(references(orders::page(&scope, &quoted, None, 10).await.unwrap()), ["UMI-3"]);
    }

    async fn a_vehicle_is_found_by_its_last_characters_however_they_are_typed(store: &Store) {
        let acme = store.tenant("acme").await;
        let row = order(store, &acme, company(store, &acme).await, 1);
        insert(store, &acme, &row).await;
        let cars = vec![vehicle(store, &row, 0, "NZE141-1234567"), vehicle(store, &row, 1, "JTDBR32E720123456"), vehicle(store, &row, 2, "ZVW30-1923456")];
        write(store, &acme, move |tx| {
            let cars = cars.clone();
            async move { vehicles::insert(&tx, cars).await }
        }).await.unwrap();
        let scope = store.ctx.db.read(&acme).await.unwrap();
        for (typed, found) in [
            ("1234567", 1), ("nze141-1234567", 1), ("NZE1411234567", 1), ("23456", 2), ("123456", 1), ("0123456", 1), ("jtdbr32e720123456", 1),
            ("JTDBR", 0), ("567", 0), ("", 0), ("%%%%", 0), ("----", 0),
        ] {
            assert_eq!(vehicles::search(&scope, typed, 10).await.unwrap().len(), found, "{typed}");
        }
        assert_eq!(vehicles::of_order(&scope, row.id).await.unwrap().len(), 3);
        drop(scope);
        let bolt = store.tenant("bolt").await;
        assert!(vehicles::search(&store.ctx.db.read(&bolt).await.unwrap(), "1234567", 10).await.unwrap().is_empty());
        let twin = vehicle(store, &row, 3, "nze141 1234567");
        let taken = write(store, &acme, move |tx| {
            let twin = twin.clone();
            async move { vehicles::insert(&tx, vec![twin]).await }
        }).await;
        assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    }

    async fn numbers_of_documents_have_no_gap_and_a_retry_uses_no_second_one(store: &Store) {
        let acme = store.tenant("acme").await;
        let series = Series { company: store.ctx.id(), kind: "commercial-invoice".to_owned(), year: 2026 };
        let ids: Vec<DocumentId> = (0..20).map(|_| store.ctx.id()).collect();
        // Each document asks twice, all at once, from two processes.
        let other = store.neighbour().await;
        let all = ids.iter().chain(&ids).enumerate().map(|(n, id)| {
            let ctx = if n % 2 == 0 { &store.ctx } else { &other };
            documents::reserve_number(ctx, &acme, series.clone(), *id)
        });
        let numbers: Vec<i64> = futures::future::join_all(all).await.into_iter().map(Result::unwrap).collect();
        let (first, second) = numbers.split_at(20);
        assert_eq!(first, second);
        let mut sorted = first.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, (1..=20).collect::<Vec<i64>>());
        let next_year = Series { year: 2027, ..series };
        assert_eq!(documents::reserve_number(&store.ctx, &acme, next_year, ids[0]).await.unwrap(), 1);
    }

    async fn a_new_revision_supersedes_and_a_void_one_makes_room(store: &Store) {
        let acme = store.tenant("acme").await;
        let row = order(store, &acme, company(store, &acme).await, 1);
        insert(store, &acme, &row).await;
        let sha256 = "a".repeat(64);
        let (id, now) = (store.ctx.id(), store.ctx.now());
        let issue = |document: documents::Row, sha256: String| write(store, &acme, move |tx| {
            let (document, sha256) = (document.clone(), sha256.clone());
            async move {
                documents::note_object(&tx, &sha256, "application/pdf", 10, now).await?;
                documents::issue(&tx, document).await
            }
        });
        issue(document(store, &row, id, 0, &sha256), sha256.clone()).await.unwrap();
        issue(document(store, &row, id, 1, &sha256), sha256.clone()).await.unwrap();
        let rival = issue(document(store, &row, store.ctx.id(), 0, &sha256), sha256.clone()).await;
        assert!(matches!(rival, Err(Error::Taken { .. })), "{rival:?}");
        let scope = store.ctx.db.read(&acme).await.unwrap();
        let states: Vec<_> = documents::of_order(&scope, row.id).await.unwrap().iter().map(|one| (one.revision, one.state)).collect();
        assert_eq!(states, [(0, State::Superseded), (1, State::Issued)]);
        assert_eq!(documents::issued(&scope, row.id, &row.id.to_string(), "commercial-invoice").await.unwrap().unwrap().revision, 1);
        assert_eq!(documents::by_id(&scope, id).await.unwrap().unwrap().revision, 1);
        drop(scope);
        let void = || write(store, &acme, move |tx| async move { documents::void(&tx, id, "wrong buyer", now).await });
        assert!(void().await.unwrap());
        assert!(!void().await.unwrap());
        issue(document(store, &row, store.ctx.id(), 0, &sha256), sha256).await.unwrap();
    }

    async fn one_version_of_a_pack_is_active_and_the_others_stay(store: &Store) {
        let acme = store.tenant("acme").await;
        for version in ["1.0.0", "1.1.0"] {
            let row = packs::Model {
                tenant: acme.tenant().id(), id: store.ctx.id(), name: "ke".to_owned(), version: version.to_owned(), digest: "d".repeat(64),
                archive: "a".repeat(64), manifest: "{}".to_owned(), state: packs::State::Active, installed_by: "operator".to_owned(), created_at: store.ctx.now(), retired_at: None,
            };
            write(store, &acme, move |tx| { let row = row.clone(); async move { packs::activate(&tx, row).await } }).await.unwrap();
        }
        let scope = store.ctx.db.read(&acme).await.unwrap();
        assert_eq!(packs::active(&scope).await.unwrap().iter().map(|row| row.version.as_str()).collect::<Vec<_>>(), ["1.1.0"]);
        assert_eq!(packs::active_by_name(&scope, "ke").await.unwrap().unwrap().version, "1.1.0");
    }

    async fn a_run_keeps_what_it_judged_and_the_same_snapshot_is_kept_once(store: &Store) {
        let acme = store.tenant("acme").await;
        let row = order(store, &acme, company(store, &acme).await, 1);
        insert(store, &acme, &row).await;
        let (ids, order, now): ([_; 2], OrderId, _) = ([store.ctx.id(), store.ctx.id()], row.id, store.ctx.now());
        for id in ids {
            write(store, &acme, move |tx| async move {
                let snapshot = runs::keep_snapshot(&tx, "{\"order\":1}", now).await?;
                let run = runs::Row {
                    tenant: tx.tenant_id(), id, order_id: order, order_version: 1, hook: "documents.check".to_owned(), plugin: "rulebook".to_owned(),
                    release: "r".to_owned(), snapshot, as_of: day("2026-03-01"), outcome: "done".to_owned(), outcome_digest: "o".to_owned(),
                    findings: "[]".to_owned(), fuel: 1, memory_bytes: 2, host_calls: 3, duration_us: 4, created_at: now,
                };
                runs::insert(&tx, vec![run]).await
            }).await.unwrap();
        }
        let scope = store.ctx.db.read(&acme).await.unwrap();
        let kept = runs::of_order(&scope, order, None, 10).await.unwrap();
        assert_eq!(kept.len(), 2);
        assert_eq!(runs::snapshot(&scope, &kept[0].snapshot).await.unwrap().unwrap(), "{\"order\":1}");
    }
}
