"""Say what the cells of a notebook read: whether all of it is demo or published data.

Enters: the syntax of the cells. Leaves: reasons why they may have read more. Rule: what is sure to be
harmless is listed in ``resources/guard.toml``. Whatever else a cell reads, runs or reaches for counts as
members' data, so a way of reading that nobody thought of costs outputs, not a person.
"""

from __future__ import annotations

import ast
import builtins
import posixpath
import re
import sys
from collections.abc import Iterator

from platform_utils.guard.listed import LISTED

_LISTED = LISTED["notebook"]
_OURS = "platform_utils"
_READS = re.compile(_LISTED["reads"], re.IGNORECASE)
_REACHES = frozenset(_LISTED["reaches"]) | (sys.stdlib_module_names - set(_LISTED["common_words"]))
_PATH = re.compile(_LISTED["path"], re.IGNORECASE)
_DATA_SUFFIX = re.compile(_LISTED["data_suffix"], re.IGNORECASE)
_OPTION = re.compile(r"\w+\.(?:rcParams\[|options\.)")
_LISTS = ("glob", "rglob", "iterdir")
_MOST_DATA = 60
"""Constants that a literal list or table may hold, and half of what all may; more is data that was pasted."""
_MOST_WORDS = 200
"""Words of a text in a cell."""
_TABLE = ast.List | ast.Tuple | ast.Set | ast.Dict


def is_open_path(text: str) -> bool:
    """Say whether a path, as written in a notebook, stands below demo or published data.

    Examples
    --------
    >>> is_open_path("../data_clean/demo/restricted/2023/case.parquet")
    True
    >>> is_open_path("../data_raw/demo/../members")
    False
    """
    if re.search(r"[:~$%*?\0]", text):
        return False
    parts = posixpath.normpath(text.replace("\\", "/").casefold()).split("/")
    while parts and parts[0] == "..":
        parts.pop(0)
    folder, source = [*parts, "", ""][:2]
    return folder in _LISTED["folders"] and source in _LISTED["sources"] and ".." not in parts


class Cells:
    """What the cells of one notebook read, taken together: names are theirs in common."""

    def __init__(self, trees: list[ast.Module]) -> None:
        self.nodes = [node for tree in trees for node in ast.walk(tree)]
        imports = [
            (
                (alias.asname or alias.name).split(".")[0],
                (getattr(node, "module", None) or alias.name).split(".")[0],
            )
            for node in self.nodes
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        self.imported = {name for name, _ in imports}
        self.ours = {name for name, library in imports if library == _OURS}
        self.twice = self.ours & {name for name, library in imports if library != _OURS}
        self.shows = {
            alias.asname or alias.name
            for node in self.nodes
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("IPython")
            for alias in node.names
            if alias.name != "display"
        }
        self.bound: dict[str, list[ast.expr | None]] = {}
        self.whole: set[int] = set()
        """Nodes that stand where they may: as the function of a call, or below it."""
        self.fine: set[int] = set()
        """Texts that are part of a path below demo or published data."""
        for node in self.nodes:
            self._bind(node)
            if isinstance(node, ast.Call):
                self.whole.update(id(each) for each in _chain(node.func))
        for node in self.nodes:
            if isinstance(node, ast.BinOp | ast.JoinedStr | ast.Call) and self._is_open(node):
                self.fine.update(id(each) for each in ast.walk(node))

    def _bind(self, node: ast.AST) -> None:
        values: list[tuple[ast.expr, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            values = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            values = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            values = [(node.target, node.iter)]
        elif isinstance(node, ast.AugAssign):
            values = [(node.target, None)]
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            values = [(node.optional_vars, None)]
        for field in ("arg", "name", "rest"):  # of functions, classes, handlers, patterns
            name = getattr(node, field, None)
            if isinstance(name, str) and not isinstance(node, ast.keyword | ast.alias):
                self.bound.setdefault(name, []).append(None)
        for target, value in values:
            if _root(target) in self.imported - self.ours and _OPTION.match(ast.unparse(target)):
                continue  # how a library draws or prints
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    self.bound.setdefault(name.id, []).append(value)

    def reasons(self) -> Iterator[str]:
        """Yield every reason; never what stands there."""
        if (
            self.bound.keys() & set(_LISTED["makers"])
            or self.twice
            or self.imported & self.bound.keys()
            or "source" in self.imported
        ):
            yield "gives a library's name to something else"
        for node in self.nodes:
            yield from self._of_import(node)
            if isinstance(node, ast.Constant) and id(node) not in self.fine:
                yield from self._of_constant(node.value)
            elif isinstance(node, ast.Name):
                yield from self._of_name(node)
            elif isinstance(node, ast.Attribute):
                ours = isinstance(node.value, ast.Name) and node.value.id in self.ours
                if (node.attr.startswith("_") and node.attr != "__version__") or node.attr in _REACHES:
                    yield "reaches behind a library"
                elif _READS.match(node.attr) and not (id(node) in self.whole and ours):
                    yield from self._of_reader(node)
            elif isinstance(node, ast.Call):
                yield from self._of_call(node)
        tables = [node for node in self.nodes if isinstance(node, _TABLE)]
        inside = {id(each) for node in tables for each in ast.iter_child_nodes(node)}
        held = [_constants(node) for node in tables if id(node) not in inside]
        if max(held, default=0) > _MOST_DATA or sum(held) > 2 * _MOST_DATA:
            yield "holds data in a cell"
        yield from self._of_sources()

    def _of_import(self, node: ast.AST) -> Iterator[str]:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module in ("IPython.display", "IPython.core.display") and not node.level:
                if not all(alias.name in _LISTED["of_ipython"] for alias in node.names):
                    yield "imports what may read anything"
                return
            names = [f"{module}.{alias.name}" for alias in node.names]
            if node.level or any(alias.name == "*" for alias in node.names):
                yield "imports what may read anything"
        for name in names:
            first, *below = name.split(".")
            is_ours = first == _OURS
            strange = first not in _LISTED["libraries"] or (not is_ours and not _REACHES.isdisjoint(below))
            if strange or any(part.startswith("_") and part != "__future__" for part in (first, *below)):
                yield "imports what may read anything"
            elif is_ours and (
                set(below[:1]) - set(_LISTED["asked"]) or not set(_LISTED["reaches"]).isdisjoint(below)
            ):
                yield "imports a part of the library that may read anything"
            elif any(_READS.match(part) for part in below) and not is_ours:
                yield "imports a reader by name"

    @staticmethod
    def _of_constant(value: object) -> Iterator[str]:
        if isinstance(value, bytes):
            yield "holds data in a cell"
        if not isinstance(value, str) or is_open_path(value):
            return
        words = {part.casefold() for part in re.split(r"[\\/\s]+", value)}
        if words & set(_LISTED["closed_words"]) or any(word.startswith("external-") for word in words):
            yield "names a source or path other than demo or published"
        elif _PATH.match(value) or (_DATA_SUFFIX.search(value) and " " not in value):
            yield "names a path that is neither demo nor published"
        elif value.count("\n") > _MOST_DATA or len(re.findall(r"\w+", value)) > _MOST_WORDS:
            yield "holds data in a cell"

    def _of_name(self, node: ast.Name) -> Iterator[str]:
        is_dropped = node.id == "_" and isinstance(node.ctx, ast.Store)
        if (node.id in _LISTED["closed_names"] and not is_dropped) or node.id.startswith("__"):
            yield "may read or run anything"
        elif isinstance(node.ctx, ast.Load) and id(node) not in self.whole:
            if node.id in self.ours | self.shows:
                yield "hands on a function of a library"
            elif (
                node.id not in self.imported and node.id not in self.bound and not hasattr(builtins, node.id)
            ):
                yield "uses a name that no cell gives"
            elif node.id in ("Path", "PurePath", "pathlib"):
                yield "makes a path that is neither demo nor published"

    def _of_reader(self, node: ast.Attribute) -> Iterator[str]:
        call = next((each for each in self.nodes if isinstance(each, ast.Call) and each.func is node), None)
        written = call is not None and all(isinstance(each, ast.Constant) for each in call.args)
        if written and node.attr in _LISTED["styles"]:
            return  # a style by its name; a path would have been told as a text
        from_path = self._is_open(node.value) and (node.attr in _LISTS or node.attr.startswith("read_"))
        if call is None or not (
            self._is_open(call) if from_path else call.args and self._is_open(call.args[0])
        ):
            yield "reads what is neither demo nor published"

    def _of_call(self, node: ast.Call) -> Iterator[str]:
        root = _root(node.func)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else root
        if name == "query" and not (
            node.args
            and isinstance(node.args[0], ast.Constant)
            and not re.search(r"\(|@\w+\s*[.\[]|@(?!\w)", str(node.args[0].value))
        ):
            yield "may read or run anything"
        if name in ("Path", "PurePath", "PosixPath", "WindowsPath") and not self._is_open(node):
            yield "makes a path that is neither demo nor published"
        if name in self.shows and not all(self._is_said(each, frozenset()) for each in node.args):
            yield "shows what may be the path of a file"
        for keyword in node.keywords:
            if keyword.arg == "source" and not self._is_open_source(keyword.value):
                yield "has another source than demo or published"
            told = root in self.ours or name in _LISTED["of_ipython"]
            if keyword.arg in _LISTED["path_arguments"] and told and not self._is_open(keyword.value):
                yield "hands over a path that is neither demo nor published"
        if root in self.ours:
            if _READS.match(name) and not self._is_open(node):
                by_name = name.startswith(("load", "open"))  # `load(year=…, source=…)`
                if not (node.args or by_name) or not all(map(self._is_told, node.args)):
                    yield "reads what is neither demo nor published"
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            texts = (each.value for each in node.args if isinstance(each, ast.Constant))
            if any(
                isinstance(text, str) and re.search(r"[/\\.]", text) and not is_open_path(text)
                for text in texts
            ):
                yield "hands over a path that is neither demo nor published"
            if not all(self._is_plain(each, frozenset()) for each in given):
                yield "asks the library with what is only known when it runs"

    def _of_sources(self) -> Iterator[str]:
        for value in self.bound.get("source", ()):
            if value is None or not self._is_open_source(value):
                yield "has another source than demo or published"

    @staticmethod
    def _is_open_source(value: ast.expr) -> bool:
        if isinstance(value, ast.Name):
            return value.id == "source"
        return isinstance(value, ast.Constant) and value.value in _LISTED["sources"]

    def _is_open(self, node: ast.expr | None, asked: frozenset[str] = frozenset()) -> bool:
        """Say whether a value is a place below demo or published data, or a list of such."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str) and is_open_path(node.value)
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(each.value) if isinstance(each, ast.Constant) else "0" for each in node.values)
            return is_open_path(text) and all(
                isinstance(each, ast.Constant)
                or (isinstance(each, ast.FormattedValue) and self._is_number(each.value))
                for each in node.values
            )
        if isinstance(node, ast.BinOp):
            return (
                isinstance(node.op, ast.Div)
                and self._is_open(node.left, asked)
                and self._is_below(node.right)
            )
        if isinstance(node, ast.Name):
            values = self.bound.get(node.id, ())
            known = bool(values) and node.id not in asked and node.id not in self.imported
            return known and all(self._is_open(value, asked | {node.id}) for value in values)
        if not isinstance(node, ast.Call) or node.keywords:
            return False
        if isinstance(node.func, ast.Attribute) and node.func.attr in _LISTS:
            return self._is_open(node.func.value, asked) and all(map(self._is_below, node.args))
        if isinstance(node.func, ast.Attribute) and node.func.attr.startswith("read_") and not node.args:
            return self._is_open(node.func.value, asked)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _LISTED["places"]:
            told = (
                bool(node.args)
                and self._is_open_source(node.args[0])
                and all(map(self._is_number, node.args[1:]))
            )
            return told and self._is_plain(node.func, frozenset())
        makes = _root(node.func) in ("Path", "PurePath", "pathlib", "sorted", "list") and len(node.args) == 1
        return makes and self._is_open(node.args[0], asked)

    def _is_said(self, node: ast.expr | None, asked: frozenset[str]) -> bool:
        """Say whether a value is a text that is no file's name, as what is written out or made by a table."""
        if isinstance(node, ast.Name):
            values = self.bound.get(node.id, ()) if node.id not in asked else ()
            return bool(values) and all(self._is_said(value, asked | {node.id}) for value in values)
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            parts = node.values if isinstance(node, ast.JoinedStr) else (node.left, node.right)
            sure = (each for each in parts if not isinstance(each, ast.Name | ast.Call))
            texts = (each.value if isinstance(each, ast.Constant) else each for each in sure)
            return any(
                re.search(r"[<>|*\n]", text) if isinstance(text, str) else self._is_said(text, asked)
                for text in texts
                if isinstance(text, str | ast.JoinedStr | ast.BinOp)
            )
        made = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        return isinstance(node, ast.Constant) or (made and node.func.attr in _LISTED["writers"])  # type: ignore[union-attr]

    def _is_told(self, node: ast.expr) -> bool:
        """Say whether a value is a number, a language, an open source or path, or made of such."""
        if isinstance(node, ast.Name) and node.id != "source":
            values = self.bound.get(node.id, ())
            return bool(values) and all(
                isinstance(value, ast.expr) and not isinstance(value, ast.Name) and self._is_told(value)
                for value in values
            )
        if isinstance(node, ast.Constant):
            return (
                not isinstance(node.value, str)
                or node.value in ("sv", "en", *_LISTED["sources"])
                or is_open_path(node.value)
            )
        called = (
            isinstance(node, ast.Call) and _root(node.func) in self.ours and self._is_plain(node, frozenset())
        )
        return called or self._is_open_source(node) or self._is_open(node)

    def _is_below(self, node: ast.expr) -> bool:
        """Say whether a text can only lead further down."""
        if isinstance(node, ast.Call) and _root(node.func) == "str" and "str" not in self.bound:
            return len(node.args) == 1 and not node.keywords and self._is_number(node.args[0])
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        return is_text and re.fullmatch(r"(?!.*\.\.)[\w*][\w.*/-]*", node.value) is not None  # type: ignore[attr-defined]

    def _is_number(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            values = self.bound.get(node.id, ())
            return bool(values) and all(value is not None and _is_written(value) for value in values)
        return isinstance(node, ast.Constant) and isinstance(node.value, int)

    def _is_plain(self, node: ast.expr, asked: frozenset[str]) -> bool:
        """Say whether a value is written out, or is what the library gave for values that are."""
        if isinstance(node, ast.Constant):
            return True  # what it may be is judged where it stands
        if isinstance(node, ast.Name):
            values = self.bound.get(node.id)
            if node.id in asked or values is None:
                return node.id in asked or node.id in self.ours
            return all(value is not None and self._is_plain(value, asked | {node.id}) for value in values)
        if isinstance(node, ast.Attribute):
            return self._is_plain(node.value, asked)
        if isinstance(node, ast.Subscript):
            is_text = isinstance(node.value, ast.Constant) or isinstance(node.slice, ast.Slice)
            return not is_text and all(self._is_plain(each, asked) for each in (node.value, node.slice))
        if isinstance(node, ast.BinOp):
            number = any(
                isinstance(each, ast.Constant) and isinstance(each.value, int)
                for each in (node.left, node.right)
            )
            is_sum = isinstance(node.op, ast.Sub) or (isinstance(node.op, ast.Add) and number)
            return is_sum and self._is_plain(node.left, asked) and self._is_plain(node.right, asked)
        if isinstance(node, ast.Call):
            root = _root(node.func)
            known = (
                root in self.ours
                or root == "range"
                or (root in self.bound and self._is_plain(node.func, asked))
            )
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            return known and all(self._is_plain(each, asked) for each in given)
        parts = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
        listed = isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict | ast.UnaryOp)
        return listed and all(self._is_plain(each, asked) for each in parts)


def _chain(node: ast.expr) -> Iterator[ast.expr]:
    """Yield a dotted name from its end to its root."""
    yield node
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
        yield node


def _root(node: ast.expr) -> str:
    *_, last = _chain(node)
    return last.id if isinstance(last, ast.Name) else ""


def _is_written(node: ast.expr) -> bool:
    """Say whether a value is a whole number, or a list or range of such."""
    if isinstance(node, ast.Call):
        return _root(node.func) == "range" and all(map(_is_written, node.args))
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_is_written, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _constants(node: ast.AST) -> int:
    """Return how many constants a literal holds; numbers in a row count half: they are no person's."""
    held = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
    flat = len(held) == len(getattr(node, "elts", ()))
    return len(held) // (1 + (flat and not any(isinstance(each.value, str) for each in held)))
