"""Receive an application for membership: read it, keep a reduced copy of it with a receipt.

Enters: a workbook as it came. Leaves: the form that it is for and its answers. Rules are those of returns: no
file is copied; what is kept is listed (the form's own questions, answers of its lists, an organisation's name
and number); what names a person is left out by place, and a person's application has no name at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from xlsxwriter.utility import xl_col_to_name

from platform_utils.errors import ContractError, FileError
from platform_utils.messages import LANGUAGES, label
from platform_utils.paths import Workspace, write_whole
from platform_utils.returns.opened import open_return
from platform_utils.returns.receipts import Receipt, load_receipts, write_receipts
from platform_utils.returns.source_file import file_hash, file_name, known_words
from platform_utils.spec.membership import Question, form_label, forms, questions
from platform_utils.spec.text import clean_text, is_name, normalise_text

_BOOKS = "books"
_PLAIN = re.compile(r"[^\W\d_][^\n]{1,119}")
"""A name begins with a letter, so that no spreadsheet takes it for a formula."""


def read_application(path: Path) -> tuple[Receipt, dict[str, str]]:
    """Return the receipt of an application, whose applicant has no code yet, and its answers by question.

    Raises
    ------
    FileError
        E-101 to E-126 if the file cannot or must not be read, E-395 if it is no application.
    ContractError
        E-396 with the questions that are not answered so that the board could decide.
    """
    name = file_name(path)
    opened = open_return(path)
    if opened.sheets is None:
        raise FileError("E-395", file=name)
    form, said, places = "", dict[str, str](), list[str](opened.left_out)
    for sheet in map(opened.sheets.read, opened.sheets.names):
        for row, column, asked, text in _cells(sheet.rows):
            if asked == "form":
                form = next((one for one in forms() if normalise_text(text) in _labels(one)), form)
            elif asked and (kept := _kept(questions()[asked], text)):
                said.setdefault(asked, kept)
            else:
                places.append(f"{xl_col_to_name(column)}{row}")
    if not form:
        raise FileError("E-395", file=name)
    holders = forms()[form].holders
    holder = said.get("holder", holders[0]) if len(holders) > 1 else holders[0]
    needed = [one for one in forms()[form].asks if holder in questions()[one].of]
    wrong = [one for one in needed if not said.get(one) or questions()[one].must not in ("", said[one])]
    if wrong:
        raise ContractError("E-396", file=name, questions=tuple(questions()[one] for one in wrong))
    places += [one for one in said if one not in needed]
    answers = {one: said[one] for one in needed} | {"holder": holder}
    digest, size = file_hash(path, name), path.stat().st_size
    receipt = Receipt(
        f"{digest[:8]}.json", known_words(name), digest, size, "", form, ("application",), len(answers), "",
        left_out=tuple(places),
    )  # fmt: skip
    return receipt, answers


def keep_application(
    receipt: Receipt, answers: Mapping[str, str], *, workspace: Workspace, source: str
) -> Receipt:
    """Write the reduced copy of an application and its receipt, and return that."""
    kept = replace(receipt, file=f"{receipt.member_id}-{receipt.file}")
    said = {"form": kept.form_version, "answers": answers, "left_out": kept.left_out}
    path = workspace.books(source, "applications") / kept.file
    write_whole(path, f"{json.dumps(said, ensure_ascii=False, indent=1)}\n")
    before = [one for one in load_receipts(workspace, source, _BOOKS) if one.file != kept.file]
    write_receipts(workspace, source, _BOOKS, [*before, kept])
    return kept


def _cells(rows: list[list[str]]) -> Iterator[tuple[int, int, str, str]]:
    """Yield the filled cells that are not the form's own words: row from 1, column from 0, question, text."""
    asked = {normalise_text(one.label(lang)): name for name, one in questions().items() for lang in LANGUAGES}
    asked |= {normalise_text(label("L-application-form", lang)): "form" for lang in LANGUAGES}
    begun = False
    for row, cells in enumerate(rows, start=1):
        first, *others = (clean_text(text) for text in cells)
        question = asked.get(normalise_text(first), "")
        begun = begun or bool(question)
        if first and begun and not question:  # above the first question stands what the form is called
            yield row, 0, "", first
        helps = questions()[question].help if question in questions() else None
        for column, text in enumerate(others, start=1):
            if text and not (column == 2 and helps and text in (helps.sv, helps.en)):
                yield row, column, question if column == 1 else "", text


def _kept(asked: Question, text: str) -> str | None:
    """Return an answer as it may be written down, or None."""
    if asked.answers:
        key = normalise_text(text)
        codes = asked.answers.items()
        return next((one for one, said in codes if key in map(normalise_text, (one, said.sv, said.en))), None)
    fits = re.fullmatch(asked.pattern, text) if asked.pattern else _PLAIN.fullmatch(text)
    return text if fits and is_name(text) else None


def _labels(form: str) -> set[str]:
    return {normalise_text(form_label(form, lang)) for lang in LANGUAGES} | {form}
