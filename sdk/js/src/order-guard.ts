// The order guard's hook: export `guard = orderGuard({ check })`.

import { hook } from "./hook";

/** What a guard exports. */
export type Guard = typeof import("roro:guard/guard@0.1.0");

/** The export `guard`. */
export function orderGuard(functions: Guard): Guard {
  return hook(functions);
}

export { errorOf, finding } from "./hook";
export * from "./imports";
