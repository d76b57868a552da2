// The tables of the packs. Needs the grant `tables` in plugin.toml.

export * from "roro:host/tables@0.1.0";
