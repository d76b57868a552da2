//! How calls fail: the engine's list in its order, then what the house finds before it calls. What becomes of the order then is the hook's
//! `on_failure` in plugin.toml.

use super::{Kind, Text};

const fn text(code: &'static str, means: &'static str, todo: &'static str) -> Text {
    Text { code, kind: Kind::Failure, means, todo }
}

pub(super) const TEXTS: &[Text] = &[
    text(
        "refused",
        "It was asked through a hook that it does not answer, or its `check` answered an error.",
        "The message says which. Mend what the error names. If it is the hook: export it from the component, or remove its [[hooks]] from plugin.toml.",
    ),
    text(
        "out-of-fuel",
        "The call used up its fuel: instructions, calls of the host and bytes across the border all cost some.",
        "\
Read a column in one call instead of a field a vehicle, and make sure that every loop ends. If plugin.toml sets a limit of its own below
the class's, raise it or remove the line:

[limits]
fuel = …",
    ),
    text(
        "out-of-time",
        "The call ran longer than its wall time, or kept the host busy for too long.",
        "\
On a loaded machine this may happen to a call that is nearly out of fuel. It counts as the plugin's own failure. If it stays, do less
in one call; there is no line of plugin.toml that gives more time.",
    ),
    text(
        "out-of-memory",
        "The call asked for more memory than it may have.",
        "\
Keep less at once: read the columns that the rule needs, not every field. If plugin.toml sets a limit of its own below the class's, raise
it or remove the line:

[limits]
memory_mib = …",
    ),
    text(
        "table-limit",
        "The call asked for more table elements than it may have.",
        "\
A compiled rule never comes near: look for a loop that adds functions to a table. An interpreter needs the class that is made for it:

class = \"interpreted\"",
    ),
    text(
        "stack-overflow",
        "The plugin called itself too deeply.",
        "\
Turn the recursion into a loop, or bound its depth. Built with `strip = false` in Cargo.toml, the component gives the host's log the names of
its functions.",
    ),
    text(
        "output-limit",
        "The plugin handed more bytes to the host at once than it may.",
        "Answer with fewer or shorter findings: one a rule and place, parameters instead of sentences.",
    ),
    text(
        "log-limit",
        "The plugin logged more than it may.",
        "Log a line a call, not a line a vehicle; standard output and standard error count too.",
    ),
    text(
        "host-call-limit",
        "The plugin called the host more often than it may.",
        "Read columns (`shipment.prices`, `fields.read`) instead of a field a vehicle.",
    ),
    text(
        "trapped",
        "The plugin panicked, read out of bounds or reached what it calls unreachable.",
        "\
Run the order that did it: roro plugin run --order ORDER.json --hook HOOK --verbose. A panic's message stands in the log. Then make it a
fixture.",
    ),
    text(
        "bad-output",
        "The plugin handed over a value that breaks the contract, or a finding of a rule that is not its own.",
        "\
The id of each of its rules begins with the plugin's id in capital letters and a hyphen. If the ids are right, build the component again
with the SDK of this Roro.",
    ),
    text(
        "bad-handle",
        "The plugin used a handle that it does not have: forged, stale, dropped or of another kind.",
        "Keep no handle of an order, a shipment or a vehicle beyond the call that gave it. A guest that an SDK built cannot forge one.",
    ),
    text(
        "denied",
        "The plugin called an import for which it has no grant.",
        "\
Two keys open it: plugin.toml asks, and an administrator of the tenant gives. The message names the grant; for `config` ask with

[[grants]]
name = \"config\"
reason = { en = \"…\", zh = \"…\" }

In a fixture the plugin has all that plugin.toml asks for, except what `grants` leaves out and what [faults] deny takes away.",
    ),
    text(
        "host-fault",
        "The host could not answer an import. It is not the plugin's fault.",
        "Look into the host's log for the same moment, and report it with that line.",
    ),
    text(
        "overloaded",
        "There was no room for another sandbox, or the host is ending. It is not the plugin's fault.",
        "Try again. If it stays, the machine has too little room for its load.",
    ),
    text(
        "not-loaded",
        "The component was not ready in this process when the plugin was called.",
        "\
A server loads the components of its tenants when it starts and when a release is activated. If it stays, look into the log of the start:
the component may be missing from the data folder, or may not fit this version of Roro.",
    ),
    text(
        "quarantined",
        "The plugin failed several times in a row, and the house calls it no more until somebody has looked.",
        "\
Its `on_failure` decides about orders meanwhile. Find out from the log why it failed, activate a release that is mended, or let it try again;
its next failure takes it out at once.

roro plugin resume PLUGIN --tenant NAME",
    ),
];
