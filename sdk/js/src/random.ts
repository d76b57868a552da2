// Randomness, the same for the same call. Needs the grant `random` in plugin.toml.

export * from "roro:host/random@0.1.0";
