// A cache of the app's own. Needs the grant `cache` in plugin.toml.

export * from "roro:host/cache@0.1.0";
