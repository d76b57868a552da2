// What the worlds share.

import * as log from "roro:host/log@0.1.0";
import type { Finding, Parameter, Severity } from "roro:types/types@0.1.0";

/** What a sentence needs. Numbers become text. */
export type Parameters = Record<string, string | number | bigint>;

/** The parameters of a finding or of a line of a price, as the contract has them. */
export function parameterList(parameters: Parameters): Parameter[] {
  return Object.entries(parameters).map(([name, value]) => ({ name, value: String(value) }));
}

/**
 * A finding. The sentence is made from the parameters and the locale files.
 *
 * `place` is a JSON pointer (RFC 6901) into the order file, for example `/vehicles/1/price`.
 */
export function finding(rule: string, severity: Severity, place: string, parameters: Parameters = {}): Finding {
  return { rule, severity, place, parameters: parameterList(parameters) };
}

/** An error of the contract. */
type Tagged = { tag: string };

/** The error of the contract that an import has thrown: `errorOf<records.Error>(thrown)?.tag === "no-record"`. None when it was another. */
export function errorOf<Kind extends Tagged>(thrown: unknown): Kind | undefined {
  // The imports' exceptions hold it. They are of another realm than the plugin: `instanceof Error` does not know them.
  const { payload } = Object(thrown) as { payload?: unknown };
  const error = payload ?? thrown;
  return isTagged(error) ? (error as Kind) : undefined;
}

function isTagged(value: unknown): value is Tagged {
  return typeof value === "object" && value !== null && "tag" in value;
}

/**
 * The functions of a hook as they are exported.
 *
 * An exception ends the call with `trapped`; without this, nobody would learn which one. It is written into the plugin's log, which
 * `roro plugin test --verbose` shows. Where `answersErrors`, the functions may answer an error of the contract by throwing it (`{ tag, val }`):
 * that one passes as it is. So does `pending` of `fetch.send`, which ends the call well: the host asks, and calls again.
 */
export function hook<Functions extends { [name in keyof Functions]: (...args: never[]) => unknown }>(
  functions: Functions,
  { answersErrors = false } = {},
): Functions {
  const told = Object.entries<(...args: never[]) => unknown>(functions).map(([name, work]) => {
    const exported = (...args: never[]): unknown => {
      try {
        return work.apply(functions, args);
      } catch (thrown) {
        if (errorOf(thrown)?.tag === "pending") {
          // Whatever is answered now is dropped.
          return [];
        }
        if (!answersErrors || !isTagged(thrown)) {
          said(thrown).forEach((line) => log.write("error", line));
        }
        throw thrown;
      }
    };
    return [name, exported];
  });
  return Object.fromEntries(told) as Functions;
}

/** What was thrown, in lines: of an error of the contract what it holds, and of an exception where. */
function said(thrown: unknown): string[] {
  const error = errorOf(thrown);
  const held = error && JSON.stringify(error, (_, value) => (typeof value === "bigint" ? String(value) : value));
  const { stack } = Object(thrown) as { stack?: string };
  return `${held ?? thrown}\n${stack ?? ""}`.trim().split("\n");
}
