// Every hook of contract 0.1.0 from TypeScript, on the contract's own names: no layer lies between.

import * as config from "roro:host/config@0.1.0";
import * as legalDate from "roro:host/legal-date@0.1.0";
import * as log from "roro:host/log@0.1.0";
import * as fields from "roro:order/fields@0.1.0";
import * as records from "roro:records/records@0.1.0";
import type { Date as CivilDate, Finding, Parameter, Severity } from "roro:types/types@0.1.0";

type Documents = typeof import("roro:documents/documents@0.1.0");
type Guard = typeof import("roro:guard/guard@0.1.0");
type Pricing = typeof import("roro:pricing/pricing@0.1.0");
type App = typeof import("roro:app/app@0.1.0");

function parameters(values: Record<string, unknown>): Parameter[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

function found(rule: string, severity: Severity, place: string, values: Record<string, unknown>): Finding {
  return { rule: `CORPUS-TS-${rule}`, severity, place, parameters: parameters(values) };
}

function written({ year, month, day }: CivilDate): string {
  return [year, month, day].join("-");
}

export const documents: Documents = {
  requirements: () => [],
  check(order) {
    const shipment = order.shipment();
    const vehicle = shipment.vehicle(0);
    const values = {
      reference: order.reference(),
      total: order.total().minor,
      contract_date: written(order.contractDate()),
      buyer: order.party("buyer")?.name(),
      departure: shipment.departure()?.day,
      identity: vehicle?.identity().val,
      odometer: vehicle?.odometer().value,
      nothing: shipment.vehicle(99),
      prices: shipment.prices().map((price) => price.minor).join(" "),
      fuels: shipment.fuels().join(" "),
    };
    return [found("01", "info", "/order", values)];
  },
  prepare: () => [],
};

export const guard: Guard = {
  check(step, order) {
    log.write("info", step);
    let unknown = "";
    try {
      fields.read(order, ["vehicle.wings"]);
    } catch (error) {
      unknown = JSON.stringify(error);
    }
    const [masses] = fields.read(order, ["shipment.total_gross_mass_kg"]);
    const values = { step, word: config.get("word"), as_of: written(legalDate.asOf()), masses: masses?.val.join(" "), unknown };
    return [found("02", "error", "", values)];
  },
};

export const pricing: Pricing = {
  price(order) {
    const line = (charge: "freight" | "other", minor: bigint) => ({
      rule: "CORPUS-TS-03",
      charge,
      amount: { minor, currency: order.currency() },
      parameters: [],
    });
    return { lines: [line("freight", 250_000n), line("other", 1n)], findings: [found("04", "warn", "/order", {})] };
  },
};

export const app: App = {
  describe() {
    const title = [{ language: "en", text: "Add" }, { language: "zh", text: "添加" }];
    const input = (key: string, kind: "text" | "date") => ({ key, kind, title, required: true, choices: [] });
    const add = { name: "add", title, target: { tag: "firm" as const }, inputs: [input("name", "text"), input("due", "date")] };
    const layout = { tag: "table" as const, val: ["name", "due"] };
    return { actions: [add], views: [{ name: "all", title, collection: "things", layout, index: 0 }] };
  },
  act({ inputs }) {
    const id = records.add("things", inputs);
    const kept = records.get("things", id);
    return [found("01", "info", "", { fields: kept.fields.map((field) => field.key).join(" ") })];
  },
  onEvent: () => [],
  onSchedule: () => [],
  onTask: () => [],
};
