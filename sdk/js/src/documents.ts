// The documents hook: export `documents = documentsHook({ requirements, check, prepare })`.

import { hook } from "./hook";

/** What a plugin for documents exports. */
export type Documents = typeof import("roro:documents/documents@0.1.0");

/** The export `documents`. */
export function documentsHook(functions: Documents): Documents {
  return hook(functions, { answersErrors: true });
}

export { errorOf, finding } from "./hook";
export * from "./imports";
export type { Error, FilledBox, Missing, Prepared, Requirement } from "roro:documents/documents@0.1.0";
