// The app's own records. Needs the grant `records` in plugin.toml.

export * from "roro:records/records@0.1.0";
export type { Field, Value } from "roro:types/types@0.1.0";
