"""The rule of `benches/guests/rule` in Python: twelve fields of every vehicle, one finding. `cargo xtask bench extism` builds it."""

from roro_sdk.documents import DocumentsHook, Err, Error_BadTable, Finding, Order, Prepared, Requirement, Severity, fields, finding
from wit_world.imports.order import Fuel, Steering

RULE = "BENCH-VEHICLE-01"
PATHS = ["vehicle.body", "vehicle.seats", "vehicle.odometer.value"]
HEADINGS = ("8702", "8703", "8704")
WITHOUT_CYLINDERS = (Fuel.BATTERY_ELECTRIC, Fuel.FUEL_CELL)


class Documents(DocumentsHook):
    def requirements(self, order: Order) -> list[Requirement]:
        return []

    def check(self, order: Order) -> list[Finding]:
        bodies, seats, odometers = fields.read(order, PATHS)
        kinds = (fields.Column_Texts, fields.Column_Numbers, fields.Column_Numbers)
        if not all(isinstance(column, kind) for column, kind in zip((bodies, seats, odometers), kinds, strict=True)):
            raise Err(Error_BadTable("a path has another kind"))
        shipment = order.shipment()
        masses, prices = shipment.gross_masses_g(), shipment.prices()
        vehicles = zip(
            shipment.identities(),
            bodies.value,
            shipment.fuels(),
            shipment.displacements_cc(),
            shipment.steerings(),
            shipment.years_of_manufacture(),
            shipment.first_registrations(),
            masses,
            shipment.hs6_codes(),
            prices,
            seats.value,
            odometers.value,
            strict=True,
        )
        odd = [row for row, vehicle in enumerate(vehicles) if is_odd(*vehicle)]
        place = f"/vehicles/{odd[0]}" if odd else "/vehicles"
        total = {"gross_mass_g": sum(masses), "price_minor": sum(price.minor for price in prices)}
        return [finding(RULE, Severity.INFO, place, vehicles=len(masses), odd=len(odd), **total)]

    def prepare(self, order: Order, documents: list[str]) -> list[Prepared]:
        return []


def is_odd(identity, body, fuel, displacement, steering, year, registration, mass, code, price, seats, odometer) -> bool:
    letters = sum(one.isascii() and one.isalnum() for one in identity)
    return (
        not 9 <= letters <= 17
        or not body
        or (fuel not in WITHOUT_CYLINDERS) != (displacement is not None)
        or steering != Steering.RIGHT
        or (registration is not None and registration.year < year)
        or not 300_000 <= mass < 60_000_000
        or code[:4] not in HEADINGS
        or price.minor <= 0
        or not 1 <= seats <= 60
        or not 0 <= odometer < 1_000_000
    )
