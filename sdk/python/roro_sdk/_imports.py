"""What every rule plugin may import. An import that needs a grant has a module of its own: it is there when plugin.toml asks for the grant."""

from wit_world.imports import fields, legal_date, log
from wit_world.imports.order import Identity, Order, Party, Role, Shipment, Vehicle
from wit_world.imports.types import Date, Decimal, Finding, Money, Parameter, Severity

__all__ = [
    "Date",
    "Decimal",
    "Finding",
    "Identity",
    "Money",
    "Order",
    "Parameter",
    "Party",
    "Role",
    "Severity",
    "Shipment",
    "Vehicle",
    "fields",
    "legal_date",
    "log",
]
