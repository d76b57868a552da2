"""The app's own records. Needs the grant `records` in plugin.toml."""

from wit_world.imports.records import (
    Error_Full,
    Error_Invalid,
    Error_Moved,
    Error_NoRecord,
    Error_Taken,
    Error_Unknown,
    Page,
    Query,
    Stored,
    add,
    find,
    get,
    remove,
    replace,
)
from wit_world.imports.types import Field, Value, Value_Boolean, Value_Date, Value_Decimal, Value_Integer, Value_Text

__all__ = [
    "Error_Full",
    "Error_Invalid",
    "Error_Moved",
    "Error_NoRecord",
    "Error_Taken",
    "Error_Unknown",
    "Field",
    "Page",
    "Query",
    "Stored",
    "Value",
    "Value_Boolean",
    "Value_Date",
    "Value_Decimal",
    "Value_Integer",
    "Value_Text",
    "add",
    "find",
    "get",
    "remove",
    "replace",
]
