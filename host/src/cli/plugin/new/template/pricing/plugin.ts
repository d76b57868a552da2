// Prices the freight of each vehicle, with a discount from a number of vehicles on.
//
// Pricing is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, so the same order
// gets the same price today and in ten years. It changes nothing: a person sees the price first, and takes it over.

import * as config from "roro-sdk/config";
import { finding, line, log, pricingHook, type Line, type Order, type Quote } from "roro-sdk/pricing";

/** What a line follows from. The sentences of all three rules stand in `locales/`. */
const FREIGHT = "@RULE@-FREIGHT-01";
const DISCOUNT = "@RULE@-DISCOUNT-01";
/** The order is in another currency than the tariff. */
const OTHER_CURRENCY = "@RULE@-CURRENCY-01";

export const pricing = pricingHook({
  price(order: Order): Quote {
    const rate = setting("freight_per_vehicle");
    if (rate === undefined) {
      log.write("info", "no freight is set, so nothing is priced");
      return { lines: [], findings: [] };
    }
    const tariffCurrency = config.get("currency") ?? "";
    const currency = order.currency();
    if (currency !== tariffCurrency) {
      const parameters = { currency, tariff_currency: tariffCurrency };
      return { lines: [], findings: [finding(OTHER_CURRENCY, "error", "/order/currency", parameters)] };
    }
    const vehicles = BigInt(order.shipment().vehicleCount());
    const lines = [freight(vehicles, rate, currency)];
    const percent = setting("discount_percent") ?? 0n;
    const from = setting("discount_from");
    if (percent > 0n && from !== undefined && vehicles >= from) {
      lines.push(discount(lines[0]!.amount.minor, percent, from, currency));
    }
    return { lines, findings: [] };
  },
});

/** A whole number of the settings. The host has checked them against plugin.toml. */
function setting(key: string): bigint | undefined {
  const value = config.get(key);
  return value === undefined ? undefined : BigInt(value);
}

function freight(vehicles: bigint, rate: bigint, currency: string): Line {
  const minor = vehicles * rate * 10n ** BigInt(decimalsOf(currency));
  return line(FREIGHT, "freight", { minor, currency }, { currency, rate, vehicles });
}

function discount(total: bigint, percent: bigint, from: bigint, currency: string): Line {
  const parameters = { currency, from, percent, total: amount(total, decimalsOf(currency)) };
  return line(DISCOUNT, "freight", { minor: -percentOf(total, percent), currency }, parameters);
}

/**
 * So many percent of an amount, exactly, and then rounded to whole minor units; a half goes to the even one. Money is a `bigint`: a `number`
 * would round it by itself.
 */
function percentOf(minor: bigint, percent: bigint): bigint {
  const [whole, rest] = [(minor * percent) / 100n, (minor * percent) % 100n];
  const isUp = rest > 50n || (rest === 50n && whole % 2n !== 0n);
  return isUp ? whole + 1n : whole;
}

const WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ");
const WITH_THREE = "BHD IQD JOD KWD LYD OMR TND".split(" ");

/** How many decimals a currency has (ISO 4217). */
function decimalsOf(currency: string): number {
  return WITHOUT_DECIMALS.includes(currency) ? 0 : WITH_THREE.includes(currency) ? 3 : 2;
}

/** An amount in minor units as people write it: `123456` with two decimals is `1234.56`. */
function amount(minor: bigint, decimals: number): string {
  if (decimals === 0) {
    return String(minor);
  }
  const digits = String(minor).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
