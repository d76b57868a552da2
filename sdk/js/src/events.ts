// Events that the app tells. Needs the grant `events` in plugin.toml.

export * from "roro:host/events@0.1.0";
