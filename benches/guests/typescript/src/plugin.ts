// The rule of `benches/guests/rule` in TypeScript: twelve fields of every vehicle, one finding. `cargo xtask bench extism` builds it.

import { documentsHook, fields, finding, type Column, type Error, type Finding, type Order } from "roro-sdk/documents";

const RULE = "BENCH-VEHICLE-01";
const HEADINGS = ["8702", "8703", "8704"];
const WITHOUT_CYLINDERS = ["battery-electric", "fuel-cell"];

export const documents = documentsHook({
  requirements: () => [],

  check(order: Order): Finding[] {
    const columns = fields.read(order, ["vehicle.body", "vehicle.seats", "vehicle.odometer.value"]);
    const bodies = texts(columns[0]);
    const seats = numbers(columns[1]);
    const odometers = numbers(columns[2]);
    const shipment = order.shipment();
    const identities = shipment.identities();
    const fuels = shipment.fuels();
    const steerings = shipment.steerings();
    const displacements = shipment.displacementsCc();
    const years = shipment.yearsOfManufacture();
    const registrations = shipment.firstRegistrations();
    const masses = shipment.grossMassesG();
    const codes = shipment.hs6Codes();
    const prices = shipment.prices();
    let odd = 0;
    let firstOdd: number | undefined;
    let mass = 0n;
    let price = 0n;
    identities.forEach((identity, row) => {
      const registered = registrations[row]?.year;
      const letters = identity.replace(/[^0-9A-Za-z]/g, "").length;
      const hasCylinders = !WITHOUT_CYLINDERS.includes(fuels[row]!);
      const isOdd =
        letters < 9 ||
        letters > 17 ||
        bodies[row] === "" ||
        hasCylinders !== (displacements[row] !== undefined) ||
        steerings[row] !== "right" ||
        (registered !== undefined && registered < years[row]!) ||
        masses[row]! < 300_000n ||
        masses[row]! >= 60_000_000n ||
        !HEADINGS.includes(codes[row]!.slice(0, 4)) ||
        prices[row]!.minor <= 0n ||
        seats[row]! < 1n ||
        seats[row]! > 60n ||
        odometers[row]! < 0n ||
        odometers[row]! >= 1_000_000n;
      if (isOdd) {
        odd += 1;
        firstOdd ??= row;
      }
      mass += masses[row]!;
      price += prices[row]!.minor;
    });
    const place = firstOdd === undefined ? "/vehicles" : `/vehicles/${firstOdd}`;
    const parameters = { vehicles: identities.length, odd, gross_mass_g: mass, price_minor: price };
    return [finding(RULE, "info", place, parameters)];
  },

  prepare: () => [],
});

function texts(column: Column | undefined): string[] {
  return column?.tag === "texts" ? column.val.map((value) => value ?? "") : wrong();
}

function numbers(column: Column | undefined): bigint[] {
  return column?.tag === "numbers" ? column.val.map((value) => value ?? 0n) : wrong();
}

function wrong(): never {
  throw { tag: "bad-table", val: "a path has another kind" } satisfies Error;
}
