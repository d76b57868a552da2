"""An app: write a class `App(app.AppHook)` with `describe`, `act` and what else it hears."""

from collections.abc import Callable
from typing import TypeVar, cast

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.app import (
    Action,
    Call,
    Description,
    Event,
    FieldKind,
    Input,
    Layout_Board,
    Layout_Table,
    Target_Firm,
    Target_Order,
    Target_RecordOf,
    Text,
    View,
)
from wit_world.imports.types import Field, Value, Value_Boolean, Value_Date, Value_Decimal, Value_Integer, Value_Text

from ._hook import Told, finding
from ._imports import *  # noqa: F403
from ._imports import Finding
from ._imports import __all__ as _imports

_Held = TypeVar("_Held")


class AppHook(Told, exports.App):
    """What an app exports. What it never hears (events, its timetable, tasks) may be left out."""

    def on_event(self, event: Event) -> list[Finding]:
        return []

    def on_schedule(self, name: str) -> list[Finding]:
        return []

    def on_task(self, name: str, payload: str) -> list[Finding]:
        return []


def titles(**texts: str) -> list[Text]:
    """A text for people by language: `titles(en="Due", zh="到期日")`."""
    return [Text(language, text) for language, text in texts.items()]


def fields_of(**values: Value | None) -> list[Field]:
    """The fields of a record, each under its key; those that are None stay empty."""
    return [Field(key, value) for key, value in values.items() if value is not None]


def find_value(fields: list[Field], key: str, kind: Callable[[_Held], Value]) -> _Held | None:
    """The value of an input or field, if it is there and of this kind: `find_value(call.inputs, "due", Value_Date)`."""
    value = next((field.value for field in fields if field.key == key), None)
    return cast("_Held", value.value) if value is not None and type(value) is kind else None


def get_value(fields: list[Field], key: str, kind: Callable[[_Held], Value]) -> _Held:
    """The value of one that must be there: the host has checked what `describe` and plugin.toml call required."""
    value = find_value(fields, key, kind)
    if value is None:
        raise ValueError(f"there is no {kind} `{key}`")
    return value


__all__ = [
    "Action",
    "AppHook",
    "Call",
    "Description",
    "Err",
    "Event",
    "Field",
    "FieldKind",
    "Input",
    "Layout_Board",
    "Layout_Table",
    "Target_Firm",
    "Target_Order",
    "Target_RecordOf",
    "Text",
    "Value",
    "Value_Boolean",
    "Value_Date",
    "Value_Decimal",
    "Value_Integer",
    "Value_Text",
    "View",
    "fields_of",
    "find_value",
    "finding",
    "get_value",
    "titles",
    *_imports,
]
