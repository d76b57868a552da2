// Requests that the host makes. While it has no answer, `send` throws `pending`: let it pass, and the call comes again with the answer.
// Needs the grant `fetch` in plugin.toml.

export * from "roro:host/fetch@0.1.0";
