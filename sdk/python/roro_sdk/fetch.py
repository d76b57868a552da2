"""Requests that the host makes. While it has no answer, `send` raises `Error_Pending`: let it pass, and the call comes again with the answer.

Needs the grant `fetch` in plugin.toml.
"""

from wit_world.imports.fetch import (
    Answer,
    Error_Invalid,
    Error_OpenCircuit,
    Error_Pending,
    Error_Refused,
    Error_TimedOut,
    Error_TooLarge,
    Error_TooMany,
    Error_Unreachable,
    Header,
    Method,
    Request,
    send,
)

__all__ = [
    "Answer",
    "Error_Invalid",
    "Error_OpenCircuit",
    "Error_Pending",
    "Error_Refused",
    "Error_TimedOut",
    "Error_TooLarge",
    "Error_TooMany",
    "Error_Unreachable",
    "Header",
    "Method",
    "Request",
    "send",
]
