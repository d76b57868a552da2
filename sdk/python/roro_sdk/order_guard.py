"""The order guard's hook: write a class `Guard(order_guard.GuardHook)` with the function `check`."""

from componentize_py_types import Err
from wit_world import exports

from ._hook import Told, finding
from ._imports import *  # noqa: F403
from ._imports import __all__ as _imports


class GuardHook(Told, exports.Guard):
    """What a guard exports."""


__all__ = ["Err", "GuardHook", "finding", *_imports]
