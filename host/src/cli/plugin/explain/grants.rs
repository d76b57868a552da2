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
    "orders", "Orders beside the one that the plugin is asked about.", "\nNo interface of contract 0.1.0 gives them yet.";
    "records", "The plugin's own collections.", "\nEvery [[collections]] needs it, and the hook `app`. No interface of contract 0.1.0 gives them yet.";
    "cache", "A cache of the plugin's own.", "\nNo interface of contract 0.1.0 gives it yet.";
    "fetch", "Requests that the host makes to the hosts that the plugin names.", "hosts = [\"api.example.com\"]\n\nA plugin opens no connection itself. No interface of contract 0.1.0 makes requests for it yet.";
    "random", "Randomness, seeded by the host: the same order draws the same numbers.", "\nNo interface of contract 0.1.0 gives it yet.";
    "tasks", "Work for later.", "\nNo interface of contract 0.1.0 gives it yet.";
    "events", "Being told of what happens in the house.", "\nEvery [[events]] needs it, and the hook `app`. Nothing of contract 0.1.0 tells it yet.";
    "secrets", "The secrets among the tenant's settings for the plugin.", "\nA [[config]] of kind `secret` needs it. Without it the plugin reads its other settings, and no secret is set.";
];
