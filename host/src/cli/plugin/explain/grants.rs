//! What plugins can be given, in the order of the manifest's list: each with the lines of plugin.toml that ask for it.

use super::{Kind, Text};

macro_rules! grants {
    ($($name:literal, $means:literal, $more:literal;)+) => {
        &[$(Text { code: $name, kind: Kind::Grant, means: $means, todo: concat!(
            "plugin.toml asks for it, and an administrator of the tenant gives it or does not:\n\n[[grants]]\nname = \"", $name,
            "\"\nreason = { en = \"…\", zh = \"…\" }\n", $more,
        ) }),+]
    };
}

pub(super) const TEXTS: &[Text] = grants![
    "config", "The tenant's settings for the plugin, through roro:host/config.", "\nEvery [[config]] needs it.";
    "tables", "The compiled tables of the packs that take part in the call, through roro:host/tables.", "";
    "orders", "The firm's orders, for an app, through roro:order/orders.", "\nA note beside an order needs `effects = [\"note\"]` at the hook `app` as well.";
    "records", "The app's own collections, through roro:records/records.", "\nEvery [[collections]] needs it, and the hook `app`.";
    "cache", "A cache of the app's own, through roro:host/cache.", "";
    "fetch", "Requests that the host makes to the hosts that the app names, through roro:host/fetch.", "hosts = [\"api.example.com\"]\n\nA plugin opens no connection itself, and no host that is not named here is asked.";
    "random", "Randomness, seeded by the host: the same call draws the same, through roro:host/random.", "";
    "tasks", "Work that an app puts off, through roro:host/tasks.", "";
    "events", "Hearing what happens in the house, and telling events through roro:host/events.", "\nEvery [[events]] needs it, and the hook `app`.";
    "secrets", "The secrets among the tenant's settings for the plugin.", "\nA [[config]] of kind `secret` needs it. Without it the plugin reads its other settings, and no secret is set.";
];
