"""How large the house is: lines of code, modules, modules of one importer, long functions.

A line of code is a line that holds a token; docstrings, comments and blank lines do not count, imports do.
The standard library is all it needs: ``python tests/conventions/house_size.py`` prints the figures and ends
with 1 where one is above what ``house_size.toml`` allows. The figures there are a ratchet.
"""

import ast
import io
import sys
import tokenize
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "platform_utils"
ALLOWED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
NO_CODE = (
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
)  # fmt: skip
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class House:
    """What was counted."""

    by_package: Counter = field(default_factory=Counter)
    modules: int = 0
    one_importer: list[str] = field(default_factory=list)
    long: dict[str, int] = field(default_factory=dict)
    wide: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self):
        return sum(self.by_package.values())

    def faults(self):
        """What is above what is allowed, one line each."""
        for name, number in (("lines", self.lines), ("modules", self.modules)):
            if number > ALLOWED[name]:
                yield f"{name}: {number}, allowed {ALLOWED[name]}"
        for kind, found in (("long", self.long), ("wide", self.wide)):
            yield from (f"{kind}: {name} ({n})" for name, n in found.items() if name not in ALLOWED[kind])
            yield from (
                f"{kind}: {name} is excused and needs it no more" for name in ALLOWED[kind].keys() - found
            )


def code_lines(text, tree=None):
    """The numbers of the lines that hold code."""
    doc = set()
    for node in ast.walk(tree or ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            doc |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    held = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            held |= set(range(token.start[0], token.end[0] + 1))
    return held - doc


def parameters(function):
    """How many a caller can give; self and cls are given by Python."""
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([one for one in named if one.arg not in ("self", "cls")])


def measure(src=SRC):
    """Count everything under a package's folder."""
    house, importers = House(), defaultdict(set)
    paths = {
        ".".join((src.name, *p.relative_to(src).with_suffix("").parts)): p for p in sorted(src.rglob("*.py"))
    }
    for module, path in paths.items():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        held = code_lines(text, tree)
        place = path.relative_to(src).parts
        house.by_package[place[0] if len(place) > 1 else "."] += len(held)
        house.modules += path.name != "__init__.py"
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                inside = range(node.lineno, node.end_lineno + 1)
                name = f"{path.relative_to(src).as_posix()}:{node.name}"
                # a command's options are its interface: typer reads them off the signature
                if len(held.intersection(inside)) > 50:
                    house.long[name] = len(held.intersection(inside))
                if parameters(node) > 8:
                    house.wide[name] = parameters(node)
            if isinstance(node, ast.ImportFrom) and node.module and path.name != "__init__.py":
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    importers[whole if whole in paths else node.module].add(module)
    house.one_importer = [m for m, p in paths.items() if p.name != "__init__.py" and len(importers[m]) == 1]
    return house


def main():
    house = measure()
    for package, lines in sorted(house.by_package.items()):
        print(f"{package:12} {lines:6}")
    print(f"lines of code {house.lines} (allowed {ALLOWED['lines']}), modules {house.modules} "
          f"(allowed {ALLOWED['modules']}), of one importer {len(house.one_importer)}, "
          f"functions over 50 lines {len(house.long)}, over 8 parameters {len(house.wide)}")  # fmt: skip
    faults = list(house.faults())
    print("\n".join(faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
