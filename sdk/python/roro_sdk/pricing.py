"""The pricing hook: write a class `Pricing(pricing.PricingHook)` with the function `price`."""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.pricing import Charge, Line, Quote

from ._hook import Told, finding, parameter_list
from ._imports import *  # noqa: F403
from ._imports import Money
from ._imports import __all__ as _imports


class PricingHook(Told, exports.Pricing):
    """What a plugin for prices exports."""


def line(rule: str, charge: Charge, amount: Money, **parameters: str | int) -> Line:
    """A line of a price, in the currency of the order. The sentence is made from the parameters and the locale files."""
    return Line(rule, charge, amount, parameter_list(parameters))


__all__ = ["Charge", "Err", "Line", "PricingHook", "Quote", "finding", "line", *_imports]
