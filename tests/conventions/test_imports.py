"""Imports point down, never sideways."""

import ast
import importlib
import importlib.util
from pathlib import Path

import pytest
from trees import tree_of

SRC = Path(__file__).parents[2] / "src" / "platform_utils"
STAGES = ("returns", "pilot", "validate", "clean", "count", "protect", "publish", "execute", "render")
LAYERS = {
    "paths": 0, "messages": 0, "errors": 0, "lock": 0, "guard": 0, "config": 1, "spec": 2, "programme": 2.5, "form": 3,
    **dict.fromkeys(STAGES, 4),
    "pipeline": 5, "books": 5,
    **dict.fromkeys(("demo", "workflow"), 6),
    "release": 7, "verify": 8, "requests": 8, "year": 8, "ask": 9, "cli": 10, "__main__": 11,
}  # fmt: skip
FILES = sorted(SRC.rglob("*.py"))


def layer_of(module):
    return module.split(".")[1] if module.count(".") else None


def imports_of(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("platform_utils"):
            if node.module == "platform_utils":
                yield from (f"platform_utils.{alias.name}" for alias in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("platform_utils."))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(SRC).as_posix())
def test_a_module_imports_only_from_below_or_from_its_own_stage(path):
    parts = path.relative_to(SRC).with_suffix("").parts
    here = parts[0]
    if here == "__init__":
        return
    assert here in LAYERS, f"{here} has no place in the story"
    for module in imports_of(path):
        there = layer_of(module)
        if there in (None, here, "__version__"):
            continue
        assert LAYERS[there] < LAYERS[here] or (LAYERS[here] == LAYERS[there] == 0), (
            f"{here} imports {module}"
        )


def test_no_drawer_without_a_name():
    assert [] == [p.name for p in FILES if p.stem in ("utils", "helpers", "common", "misc")]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(SRC).as_posix())
def test_what_is_imported_is_there_also_where_a_function_imports_it(path):
    for name in imports_of(path):
        package, _, offered = name.rpartition(".")
        assert importlib.util.find_spec(name) or hasattr(importlib.import_module(package), offered), name
