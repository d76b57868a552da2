"""Refuses an order with a vehicle above the firm's price limit.

A guard is a pure function of the order, its settings and the legal date. It has no clock, no files and no network, so the same order gets the
same answer today and in ten years. It writes nothing: it answers with findings, and the host acts on them.
"""

from roro_sdk import config
from roro_sdk.order_guard import Finding, GuardHook, Order, Severity, finding, log

# A vehicle costs more than the limit. The sentences of both rules stand in `locales/`.
TOO_DEAR = "@RULE@-PRICE-01"
# The order is in another currency than the limit: nobody has compared.
OTHER_CURRENCY = "@RULE@-PRICE-02"


class Guard(GuardHook):
    def check(self, step: str, order: Order) -> list[Finding]:
        # Later hosts may ask about other steps; this guard has an opinion about papers only.
        if step != "issue-documents":
            return []
        # The host has checked the settings against plugin.toml: what is there is a whole number.
        limit = config.get("price_limit")
        if limit is None:
            log.write(log.Level.INFO, "no price limit is set, so no price is too high")
            return []
        limit_currency = config.get("currency") or ""
        currency = order.currency()
        if currency != limit_currency:
            parameters = {"currency": currency, "limit_currency": limit_currency}
            return [finding(OTHER_CURRENCY, Severity.WARN, "/order/currency", **parameters)]
        return too_dear(order, int(limit), currency)


def too_dear(order: Order, limit: int, currency: str) -> list[Finding]:
    """A finding for every vehicle above the limit."""
    decimals = decimals_of(currency)
    # Columns: two calls for the whole shipment, not two a vehicle. Every call of the host costs fuel.
    shipment = order.shipment()
    vehicles = zip(shipment.identities(), shipment.prices(), strict=True)
    return [
        finding(
            TOO_DEAR,
            Severity.ERROR,
            f"/vehicles/{index}/price",
            row=index + 1,
            vehicle=identity,
            price=amount(price.minor, decimals),
            limit=limit,
            currency=currency,
        )
        for index, (identity, price) in enumerate(vehicles)
        if price.minor > limit * 10**decimals
    ]


WITHOUT_DECIMALS = set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
WITH_THREE = set("BHD IQD JOD KWD LYD OMR TND".split())


def decimals_of(currency: str) -> int:
    """How many decimals a currency has (ISO 4217)."""
    return 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE else 2


def amount(minor: int, decimals: int) -> str:
    """An amount in minor units as people write it: `123456` with two decimals is `1234.56`."""
    unit = 10**decimals
    return f"{minor // unit}.{minor % unit:0{decimals}}" if decimals else str(minor)
