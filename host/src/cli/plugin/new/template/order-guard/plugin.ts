// Refuses an order with a vehicle above the firm's price limit.
//
// A guard is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, so the same order
// gets the same answer today and in ten years. It writes nothing: it answers with findings, and the host acts on them.

import * as config from "roro-sdk/config";
import { finding, log, orderGuard, type Finding, type Order } from "roro-sdk/order-guard";

/** A vehicle costs more than the limit. The sentences of both rules stand in `locales/`. */
const TOO_DEAR = "@RULE@-PRICE-01";
/** The order is in another currency than the limit: nobody has compared. */
const OTHER_CURRENCY = "@RULE@-PRICE-02";

export const guard = orderGuard({
  check(step: string, order: Order): Finding[] {
    // Later hosts may ask about other steps; this guard has an opinion about papers only.
    if (step !== "issue-documents") {
      return [];
    }
    // The host has checked the settings against plugin.toml: what is there is a whole number.
    const limit = config.get("price_limit");
    if (limit === undefined) {
      log.write("info", "no price limit is set, so no price is too high");
      return [];
    }
    const limitCurrency = config.get("currency") ?? "";
    const currency = order.currency();
    if (currency !== limitCurrency) {
      const parameters = { currency, limit_currency: limitCurrency };
      return [finding(OTHER_CURRENCY, "warn", "/order/currency", parameters)];
    }
    return tooDear(order, BigInt(limit), currency);
  },
});

/** A finding for every vehicle above the limit. Money is a `bigint`: a `number` would round it. */
function tooDear(order: Order, limit: bigint, currency: string): Finding[] {
  const decimals = decimalsOf(currency);
  const limitMinor = limit * 10n ** BigInt(decimals);
  // Columns: two calls for the whole shipment, not two a vehicle. Every call of the host costs fuel.
  const shipment = order.shipment();
  const identities = shipment.identities();
  return shipment.prices().flatMap((price, index) => {
    if (price.minor <= limitMinor) {
      return [];
    }
    const parameters = {
      row: index + 1,
      vehicle: identities[index] ?? "",
      price: amount(price.minor, decimals),
      limit,
      currency,
    };
    return [finding(TOO_DEAR, "error", `/vehicles/${index}/price`, parameters)];
  });
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
