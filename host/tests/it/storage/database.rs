//! The database's door: tenants kept apart, writes that share commits, faults that stay where they are.

use super::{Store, on_both};
use roro::access::Actor;
use roro::kernel::db::{Db, Engine, Error, FolderLock, Settings};
use roro::kernel::id::{Id as _, TenantId};
use roro::kernel::time::Instant;
use roro::migration::Migrator;
use roro::party::table as parties;
use roro::party::{Input, Party};
use roro::register::{InScript, Kept as _};
use roro::shipment::table as shipments;
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

pub(super) fn party(store: &Store, name: &str) -> Party {
    let script = InScript { script: "Latn".to_owned(), name: name.to_owned(), address: vec!["1 Quay Road".to_owned()] };
    let input = Input {
        source: None,
        external_id: None,
        country: "KE".to_owned(),
        scripts: vec![script],
        tax_ids: vec![],
        contacts: vec![],
    };
    Party { id: store.ctx.id(), input, version: 1, created_at: store.ctx.now() }
}

async fn add(store: &Store, actor: &Actor, name: &str) -> Result<Party, Error> {
    let party = party(store, name);
    let row = party.clone();
    store
        .ctx
        .db
        .write(actor, move |tx| {
            let row = row.clone();
            async move { row.insert(&tx).await.map(|_| ()) }
        })
        .await
        .map(|()| party)
}

async fn names(store: &Store, actor: &Actor) -> Vec<String> {
    let scope = store.ctx.db.read(actor).await.unwrap();
    let page = parties::page(&scope, None, None, 200).await.unwrap();
    page.into_iter().map(|party| party.input.scripts[0].name.clone()).collect()
}

on_both! {
    async fn migrating_twice_changes_nothing(store: &Store) {
        assert_eq!(store.ctx.db.pending::<Migrator>().await.unwrap(), Vec::<String>::new());
        store.ctx.db.migrate::<Migrator>().await.unwrap();
        store.ctx.db.ping().await.unwrap();
    }

    async fn two_hundred_writes_at_once_are_all_there_once(store: &Store) {
        let acme = store.tenant("acme").await;
        let writes = (0..200).map(|n| { let acme = acme.clone(); async move { add(store, &acme, &format!("buyer {n}")).await } });
        for write in futures::future::join_all(writes).await {
            write.unwrap();
        }
        let mut all = names(store, &acme).await;
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 200);
    }

    async fn a_write_that_fails_undoes_itself_and_no_other(store: &Store) {
        let acme = store.tenant("acme").await;
        let writes = (0..40).map(|n| {
            let acme = acme.clone();
            async move {
                if n % 2 == 0 {
                    return add(store, &acme, &format!("good {n}")).await.map(|_| ());
                }
                let row = party(store, &format!("bad {n}"));
                let failed: Result<(), Error> = store.ctx.db.write(&acme, move |tx| {
                    let row = row.clone();
                    async move {
                        row.insert(&tx).await?;
                        if n % 4 == 1 { panic!("a fault of the program") }
                        Err(Error::Busy)
                    }
                }).await;
                assert!(matches!(failed, Err(Error::Busy | Error::Panicked)), "{failed:?}");
                Ok(())
            }
        });
        for write in futures::future::join_all(writes).await {
            write.unwrap();
        }
        let all = names(store, &acme).await;
        assert_eq!(all.len(), 20);
        assert!(all.iter().all(|name| name.starts_with("good")));
    }

    async fn a_write_that_takes_too_long_is_undone_and_the_next_one_goes_on(store: &Store) {
        let acme = store.tenant("acme").await;
        let hasty = Db::open(&Settings { write_ms_max: 200, ..store.settings.clone() }).await.unwrap();
        let row = party(store, "slow");
        let slow: Result<(), Error> = hasty.write(&acme, move |tx| {
            let row = row.clone();
            async move {
                row.insert(&tx).await?;
                std::future::pending().await
            }
        }).await;
        assert!(matches!(slow, Err(Error::TooSlow { .. })), "{slow:?}");
        let row = party(store, "quick");
        let quick: Result<bool, Error> = hasty.write(&acme, move |tx| {
            let row = row.clone();
            async move { row.insert(&tx).await }
        }).await;
        assert!(quick.unwrap());
        assert_eq!(names(store, &acme).await, ["quick"]);
    }

    async fn a_unique_value_that_is_taken_is_told_as_that(store: &Store) {
        let acme = store.tenant("acme").await;
        let twin = add(store, &acme, "twin").await.unwrap();
        let again: Result<(), Error> = store.ctx.db.write(&acme, move |tx| {
            let row = parties::row_of(tx.tenant_id(), &twin);
            async move { tx.insert::<parties::Entity>(row?).await }
        }).await;
        assert!(matches!(again, Err(Error::Taken { .. })), "{again:?}");
    }

    async fn a_tenant_sees_and_changes_its_own_rows_only(store: &Store) {
        let (acme, bolt) = (store.tenant("acme").await, store.tenant("bolt").await);
        let theirs = add(store, &acme, "acme's buyer").await.unwrap();
        assert_eq!(names(store, &bolt).await, Vec::<String>::new());
        let scope = store.ctx.db.read(&bolt).await.unwrap();
        assert_eq!(Party::by_id(&scope, theirs.id).await.unwrap(), None);
        drop(scope);
        let changed = store.ctx.db.write(&bolt, move |tx| {
            let theirs = theirs.clone();
            async move { theirs.advance(&tx, 1).await }
        }).await;
        assert!(!changed.unwrap());
        let foreign = parties::row_of(acme.tenant().id(), &party(store, "smuggled")).unwrap();
        let smuggled: Result<(), Error> = store.ctx.db.write(&bolt, move |tx| {
            let foreign = foreign.clone();
            async move { tx.insert::<parties::Entity>(foreign).await }
        }).await;
        assert!(matches!(smuggled, Err(Error::ForeignTenant)), "{smuggled:?}");
        assert_eq!(names(store, &acme).await, ["acme's buyer"]);
    }

    async fn a_row_that_names_nothing_is_refused(store: &Store) {
        let acme = store.tenant("acme").await;
        let row = shipments::Model {
            tenant: acme.tenant().id(), id: store.ctx.id(), order_id: store.ctx.id(), port_of_loading: "JPYOK".to_owned(),
            port_of_discharge: "KEMBA".to_owned(), mode: "roro".to_owned(), vessel: None, voyage: None, etd: None, eta: None,
            version: 1, created_at: store.ctx.now(), archived_at: None,
        };
        let dangling: Result<(), Error> = store.ctx.db.write(&acme, move |tx| {
            let row = row.clone();
            async move { shipments::insert(&tx, row).await }
        }).await;
        assert!(matches!(dangling, Err(Error::Dangling { .. })), "{dangling:?}");
    }

    async fn a_snapshot_does_not_move_while_others_write(store: &Store) {
        let acme = store.tenant("acme").await;
        add(store, &acme, "before").await.unwrap();
        let scope = store.ctx.db.read(&acme).await.unwrap();
        assert_eq!(parties::page(&scope, None, None, 10).await.unwrap().len(), 1);
        add(store, &acme, "after").await.unwrap();
        assert_eq!(parties::page(&scope, None, None, 10).await.unwrap().len(), 1);
    }

    async fn a_commit_is_as_hard_as_the_settings_promise(store: &Store) {
        let facts = store.ctx.db.facts().await.unwrap();
        let fact = |name: &str| facts.iter().find(|fact| fact.0 == name).map(|fact| fact.1.clone()).unwrap();
        match store.ctx.db.engine() {
            // 2 is FULL.
            Engine::Sqlite => assert_eq!((fact("journal").as_str(), fact("synchronous").as_str()), ("wal", "2")),
            Engine::Postgres => assert_eq!(fact("synchronous"), "on"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_holds_even_who_owns_the_tables() {
    fn test(store: &Store) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(async move {
            let (acme, bolt) = (store.tenant("acme").await, store.tenant("bolt").await);
            add(store, &acme, "acme's buyer").await.unwrap();
            let raw = Database::connect(store.settings.url.clone()).await.unwrap();
            let ask = |sql: String| {
                let raw = raw.clone();
                async move {
                    let tx = sea_orm::TransactionTrait::begin(&raw).await.unwrap();
                    let mut answer = String::new();
                    for sql in sql.split(';') {
                        match tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await {
                            Ok(row) => {
                                answer = row.map_or_else(String::new, |row| {
                                    row.try_get_by_index::<i64>(0).map(|n| n.to_string()).unwrap_or_default()
                                })
                            }
                            Err(error) => return error.to_string(),
                        }
                    }
                    answer
                }
            };
            let count = "SELECT count(*) FROM parties";
            assert_eq!(
                ask("SELECT count(*) FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)".to_owned()).await,
                "0"
            );
            assert_eq!(ask(count.to_owned()).await, "0", "without a tenant");
            let named = |tenant: TenantId| format!("SELECT set_config('roro.tenant', '{tenant}', true)");
            assert_eq!(ask(format!("{};{count}", named(bolt.tenant().id()))).await, "0", "as another tenant");
            assert_eq!(ask(format!("{};{count}", named(acme.tenant().id()))).await, "1", "as the tenant");
            assert_eq!(
                ask(format!("SELECT set_config('roro.system', 'on', true);{count}")).await,
                "0",
                "through the system's door"
            );
            let smuggle = format!(
                "{};INSERT INTO document_series VALUES ('{}', 'c', 'k', 2026, 0) RETURNING year",
                named(bolt.tenant().id()),
                acme.tenant().id()
            );
            assert!(ask(smuggle).await.contains("row-level security"), "a foreign row was taken");
            let open = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' \
                        AND c.relkind = 'r' AND c.relname <> 'seaql_migrations' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)";
            assert_eq!(ask(open.to_owned()).await, "0", "a table has no forced row-level security");
            raw.close().await.unwrap();
        })
    }
    super::run(super::On::Postgres, test).await;
}

#[tokio::test]
async fn a_database_in_memory_works_for_one_command() {
    let db = Db::open(&Settings::for_testing("sqlite::memory:")).await.unwrap();
    db.migrate::<Migrator>().await.unwrap();
    assert_eq!(db.engine(), Engine::Sqlite);
    db.ping().await.unwrap();
}

#[tokio::test]
async fn a_url_of_another_database_is_refused_without_its_password() {
    let error = Db::open(&Settings::for_testing("mysql://root:hunter2@host/db")).await.unwrap_err().to_string();
    assert!(error.contains("mysql") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_folder_has_one_serving_process() {
    let folder = std::env::temp_dir().join(format!("roro-lock-{}", std::process::id()));
    let lock = FolderLock::take(&folder).unwrap();
    assert!(matches!(FolderLock::take(&folder), Err(Error::FolderTaken { .. })));
    drop(lock);
    assert_eq!(FolderLock::take(&folder).unwrap().folder(), folder);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn moments_and_ids_have_fixed_widths_in_the_tables() {
    let id = TenantId::from_bits(0).to_string();
    assert_eq!((id.len(), TenantId::PREFIX.len()), (30, 4));
    assert_eq!("1970-01-01T00:00:01Z".parse::<Instant>().unwrap().micros(), 1_000_000);
}
