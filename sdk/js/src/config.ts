// The tenant's settings for this plugin. Needs the grant `config` in plugin.toml.

export * from "roro:host/config@0.1.0";
