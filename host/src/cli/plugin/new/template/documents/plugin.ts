// Warns about vehicles without a colour or an engine number.
//
// The documents hook is a pure function of the order and the legal date. It has no clock, no files and no network, so the same order gets
// the same answer today and in ten years. It writes nothing: it answers with findings, and the host shows them.

import { documentsHook, fields, finding, type Error, type Finding, type Order } from "roro-sdk/documents";

/** A field of each vehicle that papers print, and the rule that asks for it. The sentences of the rules stand in `locales/`. */
const ASKED: [field: string, rule: string][] = [
  ["colour", "@RULE@-COLOUR-01"],
  ["engine_number", "@RULE@-ENGINE-01"],
];

export const documents = documentsHook({
  /** This plugin asks for no documents of its own. */
  requirements: () => [],

  check(order: Order): Finding[] {
    // One call for both fields of every vehicle. Every call of the host costs fuel.
    const columns = fields.read(order, ASKED.map(([field]) => `vehicle.${field}`));
    const identities = order.shipment().identities();
    return columns.flatMap((column, at) => {
      const [field, rule] = ASKED[at]!;
      if (column.tag !== "texts") {
        throw { tag: "bad-table", val: `vehicle.${field} is no text` } satisfies Error;
      }
      return column.val.flatMap((value, index) => {
        if (value !== undefined) {
          return [];
        }
        const parameters = { row: index + 1, vehicle: identities[index] ?? "" };
        return [finding(rule, "warn", `/vehicles/${index}/${field}`, parameters)];
      });
    });
  },

  /** Nor does it fill in any. */
  prepare: () => [],
});
