// Work that the app puts off. Needs the grant `tasks` in plugin.toml.

export * from "roro:host/tasks@0.1.0";
