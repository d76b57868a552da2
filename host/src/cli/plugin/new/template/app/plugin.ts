// Reminders on a board: people add them and mark what is done, and each new order brings one.
//
// What an app writes is proposed: the host commits all that a call proposes, or none when a finding of the call refuses. An app has no clock,
// no files and no network of its own; today is the date of the call.

import {
  appHook,
  date,
  errorOf,
  fieldsOf,
  finding,
  findValue,
  getValue,
  legalDate,
  text,
  titles,
  type Call,
  type CivilDate,
  type Description,
  type Event,
  type Field,
  type Finding,
  type Input,
} from "roro-sdk/app";
import * as config from "roro-sdk/config";
import * as records from "roro-sdk/records";

/** The collection of plugin.toml, and its index by state and day. */
const REMINDERS = "reminders";
const BY_STATE = 0;

/** The day of a reminder has passed. The sentences of all three rules stand in `locales/`. */
const TOO_EARLY = "@RULE@-DUE-01";
/** It is done already. */
const DONE_BEFORE = "@RULE@-DONE-01";
/** It is not there. */
const GONE = "@RULE@-GONE-01";

export const app = appHook({
  describe(): Description {
    const what: Input = { key: "what", kind: "text", title: titles({ en: "What", zh: "事项" }), required: true, choices: [] };
    const due: Input = { key: "due", kind: "date", title: titles({ en: "Due", zh: "到期日" }), required: true, choices: [] };
    return {
      actions: [
        { name: "add", title: titles({ en: "Add a reminder", zh: "添加提醒" }), target: { tag: "firm" }, inputs: [what, due] },
        { name: "done", title: titles({ en: "Done", zh: "完成" }), target: { tag: "record-of", val: REMINDERS }, inputs: [] },
      ],
      views: [
        {
          name: "board",
          title: titles({ en: "Board", zh: "看板" }),
          collection: REMINDERS,
          layout: { tag: "board", val: ["state", ["what", "due"]] },
          index: BY_STATE,
        },
      ],
    };
  },

  act({ action, target, inputs }: Call): Finding[] {
    return action === "add" ? add(inputs) : done(target ?? "");
  },

  onEvent(event: Event): Finding[] {
    const { order } = JSON.parse(event.payload) as { order: string };
    // The host has checked the settings against plugin.toml.
    const days = Number(config.get("days") ?? 0);
    return remind("Look at the new order", later(legalDate.asOf(), days), order);
  },
});

function add(inputs: Field[]): Finding[] {
  const due = getValue(inputs, "due", "date");
  const today = legalDate.asOf();
  if (number(due) < number(today)) {
    return [finding(TOO_EARLY, "error", "/inputs/due", { due: written(due), today: written(today) })];
  }
  return remind(getValue(inputs, "what", "text"), due);
}

/** Marks a reminder as done. */
function done(id: string): Finding[] {
  const reminder = find(id);
  if (reminder === undefined) {
    return [finding(GONE, "error", "/target")];
  }
  if (findValue(reminder.fields, "state", "text") === "done") {
    return [finding(DONE_BEFORE, "warn", "/target")];
  }
  const fields = reminder.fields.map((field) => (field.key === "state" ? { key: "state", value: text("done") } : field));
  records.replace(REMINDERS, id, reminder.version, fields);
  return [];
}

/** Proposes a reminder. What the records refuse is a mistake of this app's: the exception ends the call, and stands in the log. */
function remind(what: string, due: CivilDate, order?: string): Finding[] {
  const named = order === undefined ? undefined : text(order);
  records.add(REMINDERS, fieldsOf({ what: text(what), due: date(due), order: named, state: text("open") }));
  return [];
}

/** A reminder, if it is there. */
function find(id: string): records.Stored | undefined {
  try {
    return records.get(REMINDERS, id);
  } catch (thrown) {
    if (errorOf<records.Error>(thrown)?.tag === "no-record") {
      return undefined;
    }
    throw thrown;
  }
}

/** The day so many days later. */
function later({ year, month, day }: CivilDate, days: number): CivilDate {
  for (let passed = 0; passed < days; passed += 1) {
    if (day < daysOf(year, month)) {
      day += 1;
    } else {
      [year, month, day] = month === 12 ? [year + 1, 1, 1] : [year, month + 1, 1];
    }
  }
  return { year, month, day };
}

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A later day has the larger number. */
function number({ year, month, day }: CivilDate): number {
  return year * 10_000 + month * 100 + day;
}

function written({ year, month, day }: CivilDate): string {
  const digits = (value: number, length: number) => String(value).padStart(length, "0");
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}
