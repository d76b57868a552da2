"""Prices the freight of each vehicle, with a discount from a number of vehicles on.

Pricing is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, so the same order gets the
same price today and in ten years. It changes nothing: a person sees the price first, and takes it over.
"""

from roro_sdk import config
from roro_sdk.pricing import Charge, Line, Money, Order, PricingHook, Quote, Severity, finding, line, log

# What a line follows from. The sentences of all three rules stand in `locales/`.
FREIGHT = "@RULE@-FREIGHT-01"
DISCOUNT = "@RULE@-DISCOUNT-01"
# The order is in another currency than the tariff.
OTHER_CURRENCY = "@RULE@-CURRENCY-01"


class Pricing(PricingHook):
    def price(self, order: Order) -> Quote:
        rate = setting("freight_per_vehicle")
        if rate is None:
            log.write(log.Level.INFO, "no freight is set, so nothing is priced")
            return Quote([], [])
        tariff_currency = config.get("currency") or ""
        currency = order.currency()
        if currency != tariff_currency:
            parameters = {"currency": currency, "tariff_currency": tariff_currency}
            return Quote([], [finding(OTHER_CURRENCY, Severity.ERROR, "/order/currency", **parameters)])
        vehicles = order.shipment().vehicle_count()
        lines = [freight(vehicles, rate, currency)]
        percent, start = setting("discount_percent"), setting("discount_from")
        if percent and start is not None and vehicles >= start:
            lines.append(discount(lines[0].amount.minor, percent, start, currency))
        return Quote(lines, [])


def setting(key: str) -> int | None:
    """A whole number of the settings. The host has checked them against plugin.toml."""
    value = config.get(key)
    return None if value is None else int(value)


def freight(vehicles: int, rate: int, currency: str) -> Line:
    minor = vehicles * rate * 10 ** decimals_of(currency)
    return line(FREIGHT, Charge.FREIGHT, Money(minor, currency), currency=currency, rate=rate, vehicles=vehicles)


def discount(total: int, percent: int, start: int, currency: str) -> Line:
    parameters = {"currency": currency, "from": start, "percent": percent, "total": amount(total, decimals_of(currency))}
    return line(DISCOUNT, Charge.FREIGHT, Money(-percent_of(total, percent), currency), **parameters)


def percent_of(minor: int, percent: int) -> int:
    """So many percent of an amount, exactly, and then rounded to whole minor units; a half goes to the even one.

    Whole numbers only: a `float` would round by itself.
    """
    whole, rest = divmod(minor * percent, 100)
    return whole + 1 if rest > 50 or (rest == 50 and whole % 2) else whole


WITHOUT_DECIMALS = set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
WITH_THREE = set("BHD IQD JOD KWD LYD OMR TND".split())


def decimals_of(currency: str) -> int:
    """How many decimals a currency has (ISO 4217)."""
    return 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE else 2


def amount(minor: int, decimals: int) -> str:
    """An amount in minor units as people write it: `123456` with two decimals is `1234.56`."""
    unit = 10**decimals
    return f"{minor // unit}.{minor % unit:0{decimals}}" if decimals else str(minor)
