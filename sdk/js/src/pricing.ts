// The pricing hook: export `pricing = pricingHook({ price })`.

import { hook, parameterList, type Parameters } from "./hook";
import type { Charge, Line } from "roro:pricing/pricing@0.1.0";
import type { Money } from "roro:types/types@0.1.0";

/** What a plugin for prices exports. */
export type Pricing = typeof import("roro:pricing/pricing@0.1.0");

/** The export `pricing`. */
export function pricingHook(functions: Pricing): Pricing {
  return hook(functions);
}

/** A line of a price, in the currency of the order. The sentence is made from the parameters and the locale files. */
export function line(rule: string, charge: Charge, amount: Money, parameters: Parameters = {}): Line {
  return { rule, charge, amount, parameters: parameterList(parameters) };
}

export { errorOf, finding } from "./hook";
export * from "./imports";
export type { Charge, Line, Quote } from "roro:pricing/pricing@0.1.0";
