"""The documents hook: write a class `Documents(documents.DocumentsHook)` with `requirements`, `check` and `prepare`."""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.documents import (
    Error_BadTable,
    Error_Incomplete,
    Error_UnknownDocument,
    FilledBox,
    Missing,
    Prepared,
    Requirement,
)

from ._hook import Told, finding
from ._imports import *  # noqa: F403
from ._imports import __all__ as _imports


class DocumentsHook(Told, exports.Documents):
    """What a plugin for documents exports."""

    _answers_errors = True


__all__ = [
    "DocumentsHook",
    "Err",
    "Error_BadTable",
    "Error_Incomplete",
    "Error_UnknownDocument",
    "FilledBox",
    "Missing",
    "Prepared",
    "Requirement",
    "finding",
    *_imports,
]
