"""Which code and packaged data a piece of Python reaches, and one hash for each file of it.

Enters: the names that a notebook or document calls. Leaves: a file per key with a hash that comments,
blank lines and docstrings do not move. Rule: code counts by the import closure of what a node calls.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

__all__ = ["code_hash", "entries_of", "reached_files"]

PACKAGE = "platform_utils"
_ROOT = Path(__file__).parents[1]
_RESOURCES = _ROOT / "resources"


def entries_of(source: str) -> frozenset[str]:
    r"""Return what a piece of code calls, such as ``"platform_utils.pipeline:clean"``.

    Parameters
    ----------
    source : str
        Python text of all code cells.

    Returns
    -------
    frozenset of str
        Modules, with the function after a colon where only functions of a module are used.

    Examples
    --------
    >>> sorted(entries_of("from platform_utils import pipeline\npipeline.clean(2023)"))
    ['platform_utils.pipeline:clean']
    """
    tree = ast.parse(source)
    return frozenset(_uses(tree, _bindings(tree, PACKAGE)))


def reached_files(entries: Iterable[str]) -> dict[str, Path]:
    """Return every file that the entries reach: modules by dotted name, packaged data by ``resources/…``.

    Parameters
    ----------
    entries : iterable of str
        As `entries_of` gives them.

    Returns
    -------
    dict of str to Path
        Sorted by key.
    """
    seen: set[str] = set()
    data: set[Path] = set()
    waiting = list(entries)
    while waiting:
        entry = waiting.pop()
        if entry in seen:
            continue
        seen.add(entry)
        module, _, function = entry.partition(":")
        path = _path_of(module)
        if path is None:
            continue
        found, resources = _reach(path, module, function)
        data |= resources
        waiting += found
        waiting += [parent for parent in _parents(module) if parent != module]
    files = {entry: path for entry in seen if (path := _path_of(entry.partition(":")[0])) is not None}
    for item in data:
        for path in sorted(item.rglob("*")) if item.is_dir() else [item]:
            if path.is_file() and "__pycache__" not in path.parts:
                files[path.relative_to(_ROOT).as_posix()] = path
    return dict(sorted(files.items()))


@cache
def code_hash(path: Path, function: str = "") -> str:
    """Return the hash of a file; of Python without comments and docstrings, and of one function if named.

    Parameters
    ----------
    path : Path
        A module or a packaged file.
    function : str
        Name of a function of the module; then only it and what it uses in the module count.
    """
    content = path.read_bytes()
    if path.suffix != ".py":
        return hashlib.sha256(content).hexdigest()
    tree = ast.parse(content)
    body: list[ast.stmt] = _used_statements(tree, function) if function else tree.body
    bare = _without_docstrings(ast.Module(body=list(body), type_ignores=[]))
    return hashlib.sha256(ast.dump(bare, indent=None).encode("utf-8")).hexdigest()


def _path_of(module: str) -> Path | None:
    parts = module.split(".")[1:]
    base = _ROOT.joinpath(*parts)
    for candidate in (base.with_suffix(".py") if parts else None, base / "__init__.py"):
        if candidate is not None and candidate.is_file():
            return candidate
    return None


def _parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    for length in range(2, len(parts)):
        yield ".".join(parts[:length])


@cache
def _reach(path: Path, module: str, function: str) -> tuple[frozenset[str], frozenset[Path]]:
    tree = ast.parse(path.read_bytes())
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    bindings = _bindings(tree, package)
    statements = _used_statements(tree, function) if function else tree.body
    part = ast.Module(body=list(statements), type_ignores=[])
    entries = set(_uses(part, bindings)) if function else {_whole(target) for target in bindings.values()}
    return frozenset(entries), frozenset(_resources(part))


def _bindings(tree: ast.Module, package: str) -> dict[str, str]:
    """Names that imports bind anywhere in a module, with ``module`` or ``module:name`` of this package."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                origin = ".".join(
                    [*package.split(".")[: len(package.split(".")) - node.level + 1], origin]
                ).rstrip(".")
            if origin.partition(".")[0] != PACKAGE:
                continue
            for alias in node.names:
                whole = f"{origin}.{alias.name}"
                target = whole if _path_of(whole) else f"{origin}:{alias.name}"
                bound[alias.asname or alias.name] = target
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == PACKAGE:
                    bound[alias.asname or PACKAGE] = alias.name
    return bound


def _whole(target: str) -> str:
    return target.partition(":")[0]


def _uses(tree: ast.AST, bindings: dict[str, str]) -> Iterator[str]:
    """Entries that a piece of code really uses: functions of a top-level module one by one, else modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in bindings:
            target = bindings[node.value.id]
            path = _path_of(target)
            if path is not None and path.name != "__init__.py" and _defines(path, node.attr):
                yield f"{target}:{node.attr}"
            else:
                yield _whole(target)
        elif isinstance(node, ast.Name) and node.id in bindings and ":" in bindings[node.id]:
            yield _whole(bindings[node.id])


@cache
def _defines(path: Path, name: str) -> bool:
    tree = ast.parse(path.read_bytes())
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def _used_statements(tree: ast.Module, function: str) -> list[ast.stmt]:
    """Return a function and the module-level definitions that it uses, in the order of the file."""
    named: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            named[node.name] = node
        elif isinstance(node, ast.Assign):
            named |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    wanted, waiting = set[str](), [function]
    while waiting:
        name = waiting.pop()
        if name in wanted or name not in named:
            continue
        wanted.add(name)
        waiting += [node.id for node in ast.walk(named[name]) if isinstance(node, ast.Name)]
    return [node for node in tree.body if any(named.get(name) is node for name in wanted)]


def _resources(tree: ast.AST) -> Iterator[Path]:
    """Yield packaged data that ``resource("a", "b")`` calls name; a folder where a part is not constant."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "resource"
        ):
            path = _RESOURCES
            for argument in node.args:
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    break
                path = path / argument.value
            if path != _RESOURCES and path.exists():
                yield path


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
    return tree
