"""Every text exists in Swedish and English and asks for the same fields."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from platform_utils import messages
from platform_utils.spec import codebook, grains

SRC = Path(__file__).parents[2] / "src" / "platform_utils"
CODE = re.compile(r"[EW]-\d{3}")


def fields_of(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(messages.catalogue()))
def test_a_text_stands_in_both_languages_with_the_same_fields(code):
    entry = messages.catalogue()[code]
    assert {"sv", "en"} <= set(entry)
    assert fields_of(entry["sv"]) == fields_of(entry["en"])
    assert entry["sv"].strip() and entry["en"].strip()


def codes_in_source():
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value


def test_every_code_that_the_source_raises_is_in_the_catalogue():
    assert set() == set(codes_in_source()) - set(messages.catalogue())


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
