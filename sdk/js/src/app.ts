// An app: export `app = appHook({ describe, act, onEvent, onSchedule, onTask })`.

import { hook } from "./hook";
import type { Text } from "roro:app/app@0.1.0";
import type { Date as CivilDate, Decimal, Field, Value } from "roro:types/types@0.1.0";

/** What an app exports. */
export type App = typeof import("roro:app/app@0.1.0");

/** The export `app`. What an app never hears (events, its timetable, tasks) may be left out. */
export function appHook(functions: Pick<App, "describe" | "act"> & Partial<App>): App {
  const silent = () => [];
  return hook({ onEvent: silent, onSchedule: silent, onTask: silent, ...functions });
}

/** A text for people by language: `titles({ en: "Due", zh: "到期日" })`. */
export function titles(texts: Record<string, string>): Text[] {
  return Object.entries(texts).map(([language, text]) => ({ language, text }));
}

/** A value of a text, a choice or a reference. */
export const text = (val: string): Value => ({ tag: "text", val });
export const integer = (val: bigint | number): Value => ({ tag: "integer", val: BigInt(val) });
export const decimal = (val: Decimal): Value => ({ tag: "decimal", val });
export const boolean = (val: boolean): Value => ({ tag: "boolean", val });
export const date = (val: CivilDate): Value => ({ tag: "date", val });

/** The fields of a record, each under its key; those that are `undefined` stay empty. */
export function fieldsOf(values: Record<string, Value | undefined>): Field[] {
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
}

/** What a value of this kind holds. */
export type Held<Kind extends Value["tag"]> = Extract<Value, { tag: Kind }>["val"];

/** The value of an input or field, if it is there and of this kind. */
export function findValue<Kind extends Value["tag"]>(fields: Field[], key: string, kind: Kind): Held<Kind> | undefined {
  const value = fields.find((field) => field.key === key)?.value;
  return (value?.tag === kind ? value.val : undefined) as Held<Kind> | undefined;
}

/** The value of one that must be there: the host has checked what `describe` and plugin.toml call required. */
export function getValue<Kind extends Value["tag"]>(fields: Field[], key: string, kind: Kind): Held<Kind> {
  const value = findValue(fields, key, kind);
  if (value === undefined) {
    throw new Error(`there is no ${kind} \`${key}\``);
  }
  return value;
}

export { errorOf, finding } from "./hook";
export * from "./imports";
export type {
  Action,
  Call,
  Description,
  Event,
  FieldKind,
  Input,
  Layout,
  Target,
  Text,
  View,
} from "roro:app/app@0.1.0";
export type { Field, Value } from "roro:types/types@0.1.0";
