"""What the worlds share."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from componentize_py_types import Err
from wit_world.imports import log
from wit_world.imports.types import Finding, Parameter, Severity


def finding(rule: str, severity: Severity, place: str, **parameters: str | int) -> Finding:
    """A finding. The sentence is made from the parameters and the locale files.

    `place` is a JSON pointer (RFC 6901) into the order file, for example `/vehicles/1/price`.
    """
    return Finding(rule, severity, place, parameter_list(parameters))


def parameter_list(parameters: dict[str, str | int]) -> list[Parameter]:
    """The parameters of a finding or of a line of a price, as the contract has them. Numbers become text."""
    return [Parameter(name, str(value)) for name, value in parameters.items()]


class Told:
    """Makes a class of a hook tell of its exceptions.

    An exception ends the call with `trapped`; without this, nobody would learn which one. It is written into the plugin's log, which
    `roro plugin test --verbose` shows. Where `_answers_errors`, the functions may answer an error of the contract by raising it (`Err`): that
    one passes as it is. So does `Error_Pending` of `fetch.send`, which ends the call well: the host asks, and calls again.
    """

    _answers_errors = False

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        for name, work in list(vars(cls).items()):
            if callable(work) and not name.startswith("_"):
                setattr(cls, name, _told(work, cls._answers_errors))


def _told(work: Callable[..., Any], answers_errors: bool) -> Callable[..., Any]:
    @functools.wraps(work)
    def exported(*args: Any) -> Any:
        try:
            return work(*args)
        except Exception as error:
            if isinstance(error, Err) and type(error.value).__name__ == "Error_Pending":
                # Whatever is answered now is dropped.
                return []
            if not answers_errors or not isinstance(error, Err):
                for line in _trace(error):
                    log.write(log.Level.ERROR, line)
            raise

    return exported


def _trace(error: BaseException) -> Iterator[str]:
    """Where it was raised, innermost last. The module `traceback` would look for the sources, and a sandbox has no files."""
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        yield f"{code.co_filename}:{step.tb_lineno} in {code.co_name}"
        step = step.tb_next
    yield f"{type(error).__name__}: {error}"
