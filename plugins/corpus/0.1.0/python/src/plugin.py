"""Every hook of contract 0.1.0 from Python, on the contract's own names: no layer lies between."""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.app import (
    Action,
    Call,
    Description,
    Event,
    FieldKind,
    Input,
    Layout_Table,
    Target_Firm,
    Text,
    View,
)
from wit_world.exports.documents import Prepared, Requirement
from wit_world.exports.pricing import Charge, Line, Quote
from wit_world.imports import config, fields, legal_date, log, records
from wit_world.imports.order import Order, Role
from wit_world.imports.types import Date, Finding, Money, Parameter, Severity


def found(rule: str, severity: Severity, place: str, **values: object) -> Finding:
    return Finding(f"CORPUS-PY-{rule}", severity, place, [Parameter(name, str(value)) for name, value in values.items()])


def written(date: Date) -> str:
    return f"{date.year}-{date.month}-{date.day}"


class Documents(exports.Documents):
    def requirements(self, order: Order) -> list[Requirement]:
        return []

    def check(self, order: Order) -> list[Finding]:
        shipment = order.shipment()
        vehicle, buyer, departure = shipment.vehicle(0), order.party(Role.BUYER), shipment.departure()
        assert vehicle and buyer and departure
        values = {
            "reference": order.reference(),
            "total": order.total().minor,
            "contract_date": written(order.contract_date()),
            "buyer": buyer.name(),
            "departure": departure.day,
            "identity": vehicle.identity().value,
            "odometer": vehicle.odometer().value,
            "nothing": shipment.vehicle(99),
            "prices": " ".join(str(price.minor) for price in shipment.prices()),
            "fuels": " ".join(fuel.name for fuel in shipment.fuels()),
        }
        return [found("01", Severity.INFO, "/order", **values)]

    def prepare(self, order: Order, documents: list[str]) -> list[Prepared]:
        return []


class Guard(exports.Guard):
    def check(self, step: str, order: Order) -> list[Finding]:
        log.write(log.Level.INFO, step)
        unknown = ""
        try:
            fields.read(order, ["vehicle.wings"])
        except Err as error:
            unknown = error.value.value
        (masses,) = fields.read(order, ["shipment.total_gross_mass_kg"])
        word, as_of = config.get("word"), written(legal_date.as_of())
        values = {"step": step, "word": word, "as_of": as_of, "masses": masses.value, "unknown": unknown}
        return [found("02", Severity.ERROR, "", **values)]


class Pricing(exports.Pricing):
    def price(self, order: Order) -> Quote:
        def line(charge: Charge, minor: int) -> Line:
            return Line("CORPUS-PY-03", charge, Money(minor, order.currency()), [])

        return Quote([line(Charge.FREIGHT, 250_000), line(Charge.OTHER, 1)], [found("04", Severity.WARN, "/order")])


class App(exports.App):
    def describe(self) -> Description:
        title = [Text("en", "Add"), Text("zh", "添加")]
        inputs = [Input("name", FieldKind.TEXT, title, True, []), Input("due", FieldKind.DATE, title, True, [])]
        view = View("all", title, "things", Layout_Table(["name", "due"]), 0)
        return Description([Action("add", title, Target_Firm(), inputs)], [view])

    def act(self, call: Call) -> list[Finding]:
        kept = records.get("things", records.add("things", call.inputs))
        return [found("01", Severity.INFO, "", fields=" ".join(field.key for field in kept.fields))]

    def on_event(self, event: Event) -> list[Finding]:
        return []

    def on_schedule(self, name: str) -> list[Finding]:
        return []

    def on_task(self, name: str, payload: str) -> list[Finding]:
        return []
