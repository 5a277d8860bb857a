"""What a notebook may keep when it is saved: outputs from demo data only.

Enters: a notebook as JupyterLab saves it. Leaves: the same without outputs, unless its parameters say
``source = "demo"``. Rule: a notebook run on members' data never carries their rows into a file that
somebody may commit or send.
"""

from __future__ import annotations

import ast
from typing import Any

__all__ = ["notebook_source", "strip_unless_demo"]

_PARAMETERS, _INJECTED = "parameters", "injected-parameters"


def notebook_source(notebook: dict[str, Any]) -> str | None:
    """Return the source that a notebook was run on: its last assignment to ``source``, or None.

    Parameters
    ----------
    notebook : dict
        A notebook in nbformat 4.

    Returns
    -------
    str or None
        ``"demo"``, ``"members"``, ``"external-<name>"``; None if no parameters cell says.
    """
    found = None
    for cell in notebook.get("cells", []):
        tags = cell.get("metadata", {}).get("tags", [])
        if _PARAMETERS not in tags and _INJECTED not in tags:
            continue
        try:
            statements = ast.parse("".join(cell.get("source", ""))).body
        except SyntaxError:
            return None
        for statement in statements:
            if (
                isinstance(statement, ast.Assign)
                and [getattr(target, "id", None) for target in statement.targets] == ["source"]
                and isinstance(statement.value, ast.Constant)
            ):
                found = str(statement.value.value)
    return found


def strip_unless_demo(model: dict[str, Any], **_: object) -> None:
    """Remove outputs from a notebook that is being saved, unless it was run on demo data.

    A ``pre_save_hook`` of Jupyter's contents manager.

    Parameters
    ----------
    model : dict
        Jupyter's contents model; changed in place, as the hook's contract asks.
    """
    if model.get("type") != "notebook" or notebook_source(model["content"]) == "demo":
        return
    for cell in model["content"].get("cells", []):
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
        cell.get("metadata", {}).pop("user_expressions", None)
