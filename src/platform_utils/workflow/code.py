"""What a node runs on: modules by stage, the data that they carry, Python and packages, each by hash.

Enters: names of stages or modules. Leaves: a hash per file that comments and docstrings do not move, nor,
where nobody reads what is made, the texts for people in packaged data. What a named module imports counts
with it; ``pipeline`` and ``workflow.actions`` know every stage and only hand on, so they count themselves
and lead nowhere.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

from platform_utils.errors import FileError
from platform_utils.paths import write_whole

_PACKAGE = "platform_utils"
_ROOT = Path(__file__).parents[1]
_RESOURCES = "resources"
_HAND_ON, _TEXTS = ("pipeline", "workflow.actions"), "i18n"
_FOR_PEOPLE = re.compile(r"(.*_)?(sv|en)")
_OWN = "platform-utils"
_REQUIRES = re.compile(r"^Requires-Dist: ([A-Za-z0-9._-]+)([^\n]*)$", re.MULTILINE)
_DASHES = re.compile(r"[-_.]+")
_IMPORTED = re.compile(
    rf"^[ \t]*(?:from|import)[ \t]+({_PACKAGE}[\w.]*)(?:[ \t]+import[ \t]+(\([^)]*\)|[^\n]*))?", re.MULTILINE
)
_COMMENT = re.compile(r"#[^\n]*")


class Code:
    """Our package as it stands, read once.

    Parameters
    ----------
    memory : Path
        File that keeps what modules say by the hash of their text, so that a build that has nothing to do
        parses none. One that is torn, or was written by another Python, counts as none.
    root : Path, optional
        Folder of the package; the installed one if not given.
    """

    def __init__(self, memory: Path, root: Path | None = None) -> None:
        self._root, self._memory, self._known = root or _ROOT, memory, _remembered(memory)
        self._texts: dict[str, tuple[str, bytes]] = {}
        self._seen: set[str] = set()
        self._hashes: dict[tuple[tuple[str, ...], bool], dict[str, str]] = {}
        # other Pythons dump another tree, and an older reader of modules saw other things in it
        self._maker = sys.version.encode() + Path(__file__).read_bytes()
        for path in sorted(self._root.rglob("*.py")):
            text = path.read_bytes()
            name = ".".join(path.relative_to(self._root).with_suffix("").parts)
            self._texts[name.removesuffix(".__init__")] = hashlib.sha256(self._maker + text).hexdigest(), text

    def hashes(self, entries: Iterable[str], with_texts: bool = True) -> dict[str, str]:
        """Return a hash for every file that stands behind stages, modules or packaged data.

        Parameters
        ----------
        entries : iterable of str
            Such as ``"clean"``, ``"clean.store"`` or ``"resources/messages/returns.toml"``.
        with_texts : bool, optional
            Whether titles, labels and sentences in packaged data count.
        """
        asked = tuple(entries), with_texts
        if asked not in self._hashes:
            known = len(self._known)
            self._hashes[asked] = self._walk(*asked)
            if len(self._known) > known:
                now = {key for key, _ in self._texts.values()} | self._seen
                _remember(self._memory, {key: said for key, said in self._known.items() if key in now})
        return self._hashes[asked]

    def _walk(self, entries: tuple[str, ...], with_texts: bool) -> dict[str, str]:
        data = {entry for entry in entries if entry.startswith(_RESOURCES)}
        found: dict[str, str] = {}
        waiting = [name for name in self._texts for entry in entries if f"{name}.".startswith(f"{entry}.")]
        while waiting:
            name = waiting.pop()
            if f"code:{_PACKAGE}.{name}" in found:
                continue
            key, text = self._texts[name]
            said = self._known[key] = self._known.get(key) or _facts(text)
            found[f"code:{_PACKAGE}.{name}"] = said["hash"]
            if name not in _HAND_ON:
                waiting += filter(None, map(self._module, said["imports"]))
                data |= {f"{_RESOURCES}/{item}" for item in said["data"]}
        return dict(sorted((found | self._packaged(data, with_texts)).items()))

    def _module(self, name: str) -> str | None:
        """Return the module that an imported name is, or stands in."""
        return next((each for each in (name, name.rpartition(".")[0]) if each in self._texts), None)

    def _packaged(self, items: Iterable[str], with_texts: bool) -> dict[str, str]:
        files = (path for item in items for path in (self._root / item, *(self._root / item).rglob("*")))
        return {
            f"code:{path.relative_to(self._root).as_posix()}": self._data_hash(path, with_texts)
            for path in files
            if path.is_file()
        }

    def _data_hash(self, path: Path, with_texts: bool) -> str:
        """Return the hash of packaged data: of TOML what it says, so that a comment is no reason to run."""
        text = path.read_bytes()
        if path.suffix != ".toml":
            return hashlib.sha256(text).hexdigest()
        key = hashlib.sha256(self._maker + text).hexdigest()
        self._seen.add(key)
        if key not in self._known:
            self._known[key] = _said(text)
        return str(self._known[key]["with texts" if with_texts else "without"])


def package_versions(folders: Iterable[str] | None = None) -> dict[str, str]:
    """Return the version of Python, the machine, and every package that ours needs, ``package:`` before each.

    What is installed beside them, such as an editor, changes no output and is not counted.

    Parameters
    ----------
    folders : iterable of str, optional
        Where packages are installed; Python's own path if not given.
    """
    installed: dict[str, Path] = {}
    for folder in sys.path if folders is None else folders:
        for path in sorted(Path(folder or ".").glob("*.dist-info")):
            installed.setdefault(_name(path.name.partition("-")[0]), path)
    return {
        "package:python": platform.python_version(),
        "package:machine": f"{platform.system()} {platform.machine()}",
        **{f"package:{name}": installed[name].stem.partition("-")[2] for name in _needed(installed)},
    }


def _needed(installed: Mapping[str, Path]) -> list[str]:
    """Return the installed packages that ours needs, sorted; all of them where ours is not installed."""
    if _OWN not in installed:
        return sorted(installed)
    found: set[str] = set()
    waiting = [_OWN]
    while waiting:
        name = waiting.pop()
        if name in found or name not in installed:
            continue
        found.add(name)
        head = (installed[name] / "METADATA").read_text(encoding="utf-8").partition("\n\n")[0]
        waiting += [_name(one) for one, rest in _REQUIRES.findall(head) if "extra ==" not in rest]
    return sorted(found - {_OWN})


def _name(text: str) -> str:
    return _DASHES.sub("-", text).lower()


def _remembered(memory: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(memory.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _remember(memory: Path, facts: Mapping[str, Any]) -> None:
    try:
        write_whole(memory, json.dumps(facts, separators=(",", ":"), sort_keys=True))
    except FileError:  # the next run parses again
        return


def _facts(text: bytes) -> dict[str, Any]:
    """Return what a module says, the names that it imports from our package, and the data that it carries."""
    # compiled, it is read in a third of the time that its tree would take, and docstrings are gone
    compiled = compile(text, "", "exec", dont_inherit=True, optimize=2)
    data = set(_data(ast.walk(ast.parse(text)))) if b"resource(" in text else ()
    return {
        "imports": sorted(set(_imports(text.decode("utf-8")))),
        "data": sorted(item for item in data if not item.startswith(_TEXTS)),
        "hash": hashlib.sha256(repr(_instructions(compiled)).encode("utf-8")).hexdigest(),
    }


def _instructions(code: CodeType) -> list[Any]:
    """Return what compiled code does, without where its lines stand; a set has no order of its own."""
    constants = [
        _instructions(one) if isinstance(one, CodeType)
        else sorted(map(repr, one)) if isinstance(one, frozenset)
        else one
        for one in code.co_consts
    ]  # fmt: skip
    names = (code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    return [code.co_code, code.co_exceptiontable, names, counts, constants]


def _said(text: bytes) -> dict[str, str]:
    """Return the hashes of a TOML file's content in its order, with and without its texts for people."""
    try:
        content = tomllib.loads(text.decode("utf-8"))
    except ValueError:  # whoever reads it says what is wrong
        content = {"torn": text.hex()}
    shown = {"with texts": content, "without": _without_texts(content)}
    return {
        which: hashlib.sha256(json.dumps(each, default=str).encode("utf-8")).hexdigest()
        for which, each in shown.items()
    }


def _without_texts(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_texts(each) for key, each in content.items() if not _FOR_PEOPLE.fullmatch(key)}
    return [_without_texts(each) for each in content] if isinstance(content, list) else content


def _imports(text: str) -> Iterator[str]:
    for module, listed in _IMPORTED.findall(text):
        names = (
            name.partition(" as ")[0].strip() for name in _COMMENT.sub("", listed).strip("()").split(",")
        )
        for full in [f"{module}.{name}" for name in names if name] or [module]:
            yield full.partition(".")[2]


def _data(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield data named by ``resource("a", "b")``: a part that is not constant stands for the whole folder."""
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "resource"
        ):
            parts = []
            for part in node.args:
                if not isinstance(part, ast.Constant):
                    break
                parts.append(str(part.value))
            yield "/".join(parts)
