//! Installed packs: which take part, since when, and for whom alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use roro::access::Role;
use roro::command::Request;
use roro::pack::{self, InstallError, Pack, Shelf};

use super::{Store, on_both};

fn ruritania(version: &str, rule: &str) -> Arc<Pack> {
    let manifest = format!(
        "id = \"xr\"\nversion = \"{version}\"\nformat = 1\njurisdiction = \"XR\"\ndirection = \"import\"\ntitle = {{ en = \"Ruritania\", zh = \"卢里塔尼亚\" }}\n"
    );
    let rules = format!(
        "[[rule]]\nid = \"{rule}\"\neach = \"vehicle\"\nseverity = \"block\"\nmust = 'lower(vehicle.colour) != \"purple\"'\nplace = \"/colour\"\n\
         effective_from = 2020-01-01\nsource = \"Royal decree\"\nsource_kind = \"law\"\nchecked_on = 2026-11-21\nconfidence = \"A\"\n"
    );
    let words = |says: &str| format!("[{rule}]\nsays = \"{says}\"\nwhy = \"{says}\"\nfix = \"{says}\"\n");
    let files: BTreeMap<String, Vec<u8>> = [
        ("pack.toml", manifest),
        ("rules.toml", rules),
        ("locales/en.toml", words("Paint it.")),
        ("locales/zh.toml", words("重新喷漆。")),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .into();
    Arc::new(Pack::compile(&files, Path::new("xr")).unwrap_or_else(|error| panic!("{error}")))
}

fn request() -> Request {
    Request::new("test", None, &[])
}

on_both! {
    async fn a_pack_takes_part_from_its_installation_until_the_next_version(store: &Store) {
        let acme = store.tenant("acme").await;
        let bolt = store.tenant("bolt").await;
        let (first, second) = (ruritania("2026.11.0", "XR-A-01"), ruritania("2026.12.0", "XR-A-01"));
        let shelf = Shelf::new(vec![Arc::clone(&first)]);
        let ctx = &store.ctx;
        assert!(pack::active(ctx, &acme, &shelf).await.unwrap().is_empty());
        assert_eq!(pack::install(ctx, &acme, &shelf, request(), Arc::clone(&first)).await.unwrap().status, 201);
        assert_eq!(pack::install(ctx, &acme, &shelf, request(), Arc::clone(&first)).await.unwrap().status, 200);
        let standing = pack::installed(ctx, &acme, &shelf).await.unwrap();
        assert_eq!(standing.len(), 1);
        assert_eq!((standing[0].pack.version(), standing[0].installed_at), ("2026.11.0", ctx.now()));
        assert!(pack::active(ctx, &bolt, &shelf).await.unwrap().is_empty(), "another firm's pack takes part");

        assert_eq!(pack::install(ctx, &acme, &shelf, request(), Arc::clone(&second)).await.unwrap().status, 201);
        // Another process has neither version in memory, and its folder offers nothing: the archive is enough.
        let elsewhere = Shelf::new(vec![]);
        let standing = pack::active(ctx, &acme, &elsewhere).await.unwrap();
        assert_eq!((standing.len(), standing[0].version(), standing[0].digest()), (1, "2026.12.0", second.digest()));
    }

    async fn only_an_administrator_installs_and_only_what_goes_together(store: &Store) {
        let acme = store.tenant("acme").await;
        let shelf = Shelf::new(vec![]);
        let pack = ruritania("2026.11.0", "XR-A-01");
        for role in [Role::Viewer, Role::Clerk] {
            let (actor, _) = store.program(&acme, role).await;
            let refused = pack::install(&store.ctx, &actor, &shelf, request(), Arc::clone(&pack)).await;
            assert!(matches!(refused, Err(InstallError::Access(_))), "{refused:?}");
        }
        pack::install(&store.ctx, &acme, &shelf, request(), pack).await.unwrap();
        // Another country whose rule has the id of the standing one.
        let twin: BTreeMap<String, Vec<u8>> = {
            let text = "id = \"xs\"\nversion = \"2026.11.0\"\nformat = 1\njurisdiction = \"XS\"\ndirection = \"import\"\ntitle = { en = \"S\", zh = \"S\" }\n";
            let rules = "[[rule]]\nid = \"XR-A-01\"\neach = \"order\"\nseverity = \"warn\"\nmust = 'true'\nplace = \"\"\neffective_from = 2020-01-01\nsource = \"S\"\n\
                         source_kind = \"law\"\nchecked_on = 2026-11-21\nconfidence = \"A\"\n";
            let words = "[XR-A-01]\nsays = \"s\"\nwhy = \"s\"\nfix = \"s\"\n";
            [("pack.toml", text), ("rules.toml", rules), ("locales/en.toml", words), ("locales/zh.toml", words)]
                .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
                .into()
        };
        let twin = Arc::new(Pack::compile(&twin, Path::new("xs")).unwrap_or_else(|error| panic!("{error}")));
        let refused = pack::install(&store.ctx, &acme, &shelf, request(), twin).await;
        assert!(matches!(&refused, Err(InstallError::Collides(text)) if text.contains("XR-A-01")), "{refused:?}");
        assert_eq!(pack::active(&store.ctx, &acme, &shelf).await.unwrap().len(), 1);
    }
}
