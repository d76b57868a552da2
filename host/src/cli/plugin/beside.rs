//! Who else is asked beside a plugin, in words for whoever activates it.

use crate::plugin::{Beside, Merge};

/// A line for each hook at which others are asked as well, and one for each effect that others bring too; none for a plugin that is alone.
pub(super) fn lines(plugin: &str, hooks: &[Beside]) -> Vec<String> {
    let mut lines = Vec::new();
    for hook in hooks.iter().filter(|hook| hook.has_others()) {
        let marked = |name: &String| if name == plugin { format!("{name} (this one)") } else { name.clone() };
        let order: Vec<String> = hook.order.iter().map(marked).collect();
        lines.push(format!("{}: {}; asked in this order: {}", hook.hook, says(hook.merge), order.join(" → ")));
        for shared in &hook.shared {
            let brings = if shared.plugins.len() == 1 { "brings" } else { "bring" };
            lines.push(format!("  warning: {} also {brings} {}s", shared.plugins.join(", "), shared.effect));
        }
    }
    lines
}

const fn says(merge: Merge) -> &'static str {
    match merge {
        Merge::AllMustAllow => "all must allow, every finding counts",
        Merge::Sum => "the lines of all are added up, charge by charge",
        Merge::EachByItself => "each by itself",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::SharedEffect;
    use crate::plugin::manifest::{Effect, HookName};

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_hooks_with_others_are_told_each_with_what_others_bring_too() {
        let alone = Beside { hook: HookName::App, merge: Merge::EachByItself, order: names(&["b"]), shared: Vec::new() };
        assert_eq!(lines("b", std::slice::from_ref(&alone)), Vec::<String>::new());
        let shared = vec![
            SharedEffect { effect: Effect::Finding, plugins: names(&["a"]) },
            SharedEffect { effect: Effect::Note, plugins: names(&["a", "c"]) },
        ];
        let guard = Beside { hook: HookName::OrderGuard, merge: Merge::AllMustAllow, order: names(&["a", "b", "c"]), shared };
        assert_eq!(
            lines("b", &[alone, guard]),
            [
                "order-guard: all must allow, every finding counts; asked in this order: a → b (this one) → c",
                "  warning: a also brings findings",
                "  warning: a, c also bring notes",
            ]
        );
    }
}
