// What the worlds share.

import * as log from "roro:host/log@0.1.0";
import type { Finding, Severity } from "roro:types/types@0.1.0";

/**
 * A finding. Numbers become text; the sentence is made from the parameters and the locale files.
 *
 * `place` is a JSON pointer (RFC 6901) into the order file, for example `/vehicles/1/price`.
 */
export function finding(
  rule: string,
  severity: Severity,
  place: string,
  parameters: Record<string, string | number | bigint> = {},
): Finding {
  const list = Object.entries(parameters).map(([name, value]) => ({ name, value: String(value) }));
  return { rule, severity, place, parameters: list };
}

/**
 * The functions of a hook as they are exported. An exception ends the call with `trapped`; without this, nobody would learn which one. It is
 * written into the plugin's log, which `roro plugin test --verbose` shows. An error of the contract (`{ tag, val }`) passes as it is.
 */
export function hook<Functions extends { [name in keyof Functions]: (...args: never[]) => unknown }>(
  functions: Functions,
): Functions {
  const told = Object.entries<(...args: never[]) => unknown>(functions).map(([name, work]) => {
    const exported = (...args: never[]): unknown => {
      try {
        return work.apply(functions, args);
      } catch (error) {
        if (error instanceof Error) {
          const told = `${error.name}: ${error.message}\n${error.stack ?? ""}`;
          told.trim().split("\n").forEach((line) => log.write("error", line));
        }
        throw error;
      }
    };
    return [name, exported];
  });
  return Object.fromEntries(told) as Functions;
}
