"""Every text exists in Swedish and English, asks for the same fields in both, and is used; what is used exists."""

import ast
import json
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest
from trees import tree_of

from platform_utils import messages
from platform_utils.spec import codebook, grains

PROJECT = Path(__file__).parents[2]
SRC = PROJECT / "src" / "platform_utils"
CODE = re.compile(r"[EW]-\d{3}")
GROUPS = sorted(path.stem for path in (SRC / "resources" / "i18n").glob("*.toml"))
BY_WORD = {"published_measures", "labels"}
"""Groups that are looked up by words of the data, not by keys of the code."""
VARIANTS = ("", "without_", "hidden_", "zero_")


def bound(text):
    """The numbers and claims that a variant of a sentence is bound to."""
    return {field.lower() for field in re.findall(r"\{(.*?)\}", text)}


def fields_of(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def is_text(entry):
    return isinstance(entry, dict) and {"sv", "en"} & set(entry)


@pytest.mark.parametrize("code", sorted(messages.catalogue()))
def test_a_text_stands_in_both_languages_with_the_same_fields(code):
    entry = messages.catalogue()[code]
    assert {"sv", "en"} <= set(entry)
    assert fields_of(entry["sv"]) == fields_of(entry["en"])
    assert entry["sv"].strip() and entry["en"].strip()


@pytest.mark.parametrize("group", GROUPS)
def test_a_text_of_documents_stands_in_both_languages_with_the_same_fields(group):
    for key, entry in messages.texts(group).items():
        for variant in VARIANTS if is_text(entry) else ():
            both = [entry.get(f"{variant}{lang}") for lang in messages.LANGUAGES]
            assert isinstance(both[0], list) == isinstance(both[1], list), key
            assert not isinstance(both[0], list) or list(map(bound, both[0])) == list(map(bound, both[1])), (
                key
            )
            assert (both[0] is None) == (both[1] is None), f"{key}: {variant}"
            if isinstance(both[0], str) and group != "sentences":
                assert fields_of(both[0]) == fields_of(both[1]), f"{key}: {variant}"


def strings_of(tree):
    """Yield the constant texts of a module, docstrings left out, and the patterns of its f-strings."""
    said = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said:
            yield re.escape(node.value)
        if isinstance(node, ast.JoinedStr):
            parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w-]+" for p in node.values]
            yield "".join(parts)


def trees():
    """Yield the code of the package, of the notebooks and of the reports."""
    for path in SRC.rglob("*.py"):
        yield tree_of(path)
    for path in (PROJECT / "notebooks").rglob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                lines = "".join(cell["source"]).splitlines()
                yield ast.parse("\n".join(line for line in lines if not line.startswith(("%", "!"))))


def words_in(value):
    """Yield every text that stands in a data file, keys included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from words_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_in(inner)
    elif isinstance(value, str):
        yield value


def used():
    patterns = {pattern for tree in trees() for pattern in strings_of(tree)}
    exact = {re.sub(r"\\(.)", r"\1", pattern) for pattern in patterns if r"[\w-]+" not in pattern}
    for path in (SRC / "resources").rglob("*.toml"):
        if path.parent.name not in ("messages", "i18n"):
            exact.update(words_in(tomllib.loads(path.read_text(encoding="utf-8"))))
    for path in (PROJECT / "reports").rglob("*.qmd"):
        exact.update(re.findall(r"\"(\w+)\"", path.read_text(encoding="utf-8")))
    open_ = [re.compile(p) for p in patterns if r"[\w-]+" in p and len(p.replace(r"[\w-]+", "")) >= 3]
    return exact, open_


def test_every_text_is_used():
    exact, patterns = used()
    keys = set(messages.catalogue())
    for group in set(GROUPS) - BY_WORD:
        keys |= {key for key, entry in messages.texts(group).items() if is_text(entry)}

    assert [] == sorted(
        key for key in keys - exact if not any(pattern.fullmatch(key) for pattern in patterns)
    )


def test_every_text_that_the_source_names_exists():
    missing = []
    for path in SRC.rglob("*.py"):
        for node in ast.walk(tree_of(path)):
            name = getattr(
                getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", "")
            )
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                missing += [node.value] if node.value not in messages.catalogue() else []
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            first = node.args[0].value
            if name == "label" and isinstance(first, str) and first.startswith("L-"):
                missing += [first] if first not in messages.catalogue() else []
            if name == "say" and first in GROUPS and isinstance(node.args[1], ast.Constant):
                missing += [node.args[1].value] if not messages.has_text(first, node.args[1].value) else []

    assert [] == missing


def test_every_variable_and_code_has_both_labels():
    book = codebook.load()
    for variable in (*book.variables, *book.derived):
        assert variable.sv and variable.en
    for codes in book.lists.values():
        assert len({c.code for c in codes}) == len(codes)
        assert all(c.sv and c.en for c in codes)


def test_headings_are_unique_on_each_sheet_in_each_language():
    book = codebook.load()
    for grain in grains.load():
        for lang in messages.LANGUAGES:
            headings = [
                codebook.normalise_text(book.heading(c, lang, grain)) for c in book.grain_columns(grain)
            ]
            assert len(set(headings)) == len(headings)
