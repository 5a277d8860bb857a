"""What a document lets its caller set: the one cell tagged ``parameters``, scalars only.

A notebook node enters; declared parameters leave, or a refusal before anything starts. papermill
itself goes on, with exit status 0, past an unknown name, a wrong type and a missing tag.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from platform_utils.errors import UsageError

Scalar = str | int | float | bool | None

TAG = "parameters"
_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One name that a document lets its caller set.

    Attributes
    ----------
    default : str, int, float, bool or None
        What the cell sets. ``None`` means that a caller has to set it.
    type_name : {"str", "int", "float", "bool"}, optional
        None if the cell says neither type nor value.
    """

    name: str
    default: Scalar
    type_name: str | None

    def accepts(self, value: Scalar) -> bool:
        """Say whether ``value`` has this parameter's type; a whole number passes for a ``float``."""
        if self.type_name is None:
            return isinstance(value, str | int | float | bool)
        if isinstance(value, bool):  # which Python counts among the whole numbers
            return self.type_name == "bool"
        return isinstance(value, int | float if self.type_name == "float" else _TYPES[self.type_name])


def is_tagged(cell: Mapping[str, Any]) -> bool:
    """Say whether a cell is tagged as the one that holds parameters."""
    return TAG in cell["metadata"].get("tags", [])


def declared_parameters(notebook: Mapping[str, Any], document: str) -> tuple[Parameter, ...]:
    """Read the parameters that a notebook declares, in the cell's own order; of a name set twice, the last.

    Parameters
    ----------
    document : str
        What messages call the document.

    Raises
    ------
    UsageError
        E-501 if no cell is tagged, E-502 if several are, E-503 if the cell does more than set scalars.
    """
    tagged = [cell for cell in notebook["cells"] if is_tagged(cell) and cell["cell_type"] == "code"]
    if not tagged:
        raise UsageError("E-501", document=document)
    if len(tagged) > 1:
        raise UsageError("E-502", document=document, count=len(tagged))
    found: dict[str, Parameter] = {}
    try:
        body = ast.parse(tagged[0]["source"]).body
    except SyntaxError as error:
        raise UsageError("E-503", document=document, line=error.lineno or 1) from None
    for statement in body:
        parameter = _parameter(statement)
        if parameter is None:
            raise UsageError("E-503", document=document, line=statement.lineno)
        found[parameter.name] = parameter
    return tuple(found.values())


def check_parameters(
    declared: Iterable[Parameter], given: Mapping[str, Scalar], document: str, *, required: Iterable[str] = ()
) -> None:
    """Refuse parameters that a document would not use as its caller means.

    Parameters
    ----------
    document : str
        What messages call the document.
    required : iterable of str, optional
        Names that have to be both declared and given, whatever their default.

    Raises
    ------
    UsageError
        E-504 or E-517 (with the nearest name) if a name is unknown, E-505 if a value has the wrong type,
        E-506 if a parameter without a default, or a required one, is not given.

    Examples
    --------
    >>> check_parameters([Parameter("year", 2023, "int")], {"year": 2019}, "annual")
    >>> check_parameters([Parameter("year", 2023, "int")], {"yaer": 2019}, "annual")
    Traceback (most recent call last):
    platform_utils.errors.UsageError: E-517 annual has no parameter "yaer". Did you mean "year"? Expected \
one of: year. Correct the name.
    """
    by_name = {parameter.name: parameter for parameter in declared}
    for name in (*given, *required):
        if name not in by_name:
            raise _unknown(name, list(by_name), document)
    for name, value in given.items():
        if not by_name[name].accepts(value):
            got, expected = type(value).__name__, by_name[name].type_name or ", ".join(_TYPES)
            raise UsageError("E-505", name=name, document=document, got=got, expected=expected)
    unset = {parameter.name for parameter in by_name.values() if parameter.default is None} | set(required)
    for name in by_name:
        if name in unset and name not in given:
            raise UsageError("E-506", name=name, document=document)


def _unknown(name: str, known: list[str], document: str) -> UsageError:
    nearest = difflib.get_close_matches(name, known, n=1)
    listed = ", ".join(known) or "-"
    if nearest:
        return UsageError("E-517", name=name, document=document, nearest=nearest[0], known=listed)
    return UsageError("E-504", name=name, document=document, known=listed)


def _parameter(statement: ast.stmt) -> Parameter | None:
    """Return what one statement declares, or None if it does something else."""
    kind: str | None = None
    value: ast.expr | None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign):
        target, value = statement.target, statement.value
        kind = statement.annotation.id if isinstance(statement.annotation, ast.Name) else ""
        if kind not in _TYPES:
            return None
    else:
        return None
    if not isinstance(target, ast.Name):
        return None
    try:
        default = None if value is None else ast.literal_eval(value)
    except ValueError:
        return None
    if default is not None and type(default) not in _TYPES.values():
        return None
    if kind is None and default is not None:
        kind = type(default).__name__
    parameter = Parameter(target.id, default, kind)
    return parameter if default is None or parameter.accepts(default) else None
