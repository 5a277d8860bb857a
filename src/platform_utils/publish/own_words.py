"""The year's own words: what an analyst writes about one year, checked and filled before a document shows it.

Enters: ``texts/<chapter>.<lang>.md`` and ``texts/edition.toml`` of a year. Leaves: ``texts.json``, beside the
safe tables. Numbers stand there as ``{fact:key}`` and comparisons as claims only, which must be true with and
without large cases; a digit, a word of comparison, markup and what names a person are refused.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from platform_utils.errors import ContractError, UsageError
from platform_utils.guard.identity import find_identity
from platform_utils.messages import LANGUAGES, say
from platform_utils.paths import Workspace, resource, write_atomically
from platform_utils.publish.claims import FIELD, Numbers, fill
from platform_utils.publish.sets import StoredYears
from platform_utils.publish.words import is_left_out, title_of
from platform_utils.spec.entries import read_packaged
from platform_utils.spec.plan import load_plan

_NAME = re.compile(r"([a-z_]+)\.(sv|en)\.md")
_EDITION = "edition.toml"
_MARKUP = re.compile(r"[<>`|{}#\\$]|!\[|:::|&\w+;|&#|^\s*[-+=]{3}", re.MULTILINE)
"""What paragraphs of words, emphasis and links do without: all of it could print what is refused."""
_WORD = re.compile(r"[^\W\d_]+")

Words = Mapping[str, Mapping[str, str]]
"""Text by chapter and language."""


def write_words(workspace: Workspace, source: str, year: int) -> Path:
    """Check the year's own words, fill in their numbers, and store them for documents.

    Raises
    ------
    ContractError
        E-663 with file and line: a number or comparison that is not bound or not true, what is not a chapter,
        markup, or a name; E-665 if its table is left out of the year.
    """
    folder, found = workspace.own_words(source, year), dict[str, dict[str, str]]()
    years = StoredYears(workspace, source, year)
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        named = _NAME.fullmatch(path.name)
        if path.name == _EDITION or path.name.startswith("."):
            continue
        if named is None or named[1] not in load_plan().sections:
            raise _refused(path.name, 1, "chapter", ", ".join(load_plan().sections))
        numbers = Numbers(years, year, named[2])
        told = [_line(line, path.name, at, numbers) for at, line in enumerate(_read(path).split("\n"), 1)]
        found.setdefault(named[1], {})[named[2]] = "\n".join(told).strip()
    edition = _edition(folder / _EDITION)
    target = _target(workspace, source, year)
    with write_atomically(target) as partial:
        said = json.dumps(
            {"edition": edition, "chapters": found}, ensure_ascii=False, indent=1, sort_keys=True
        )
        partial.write_text(f"{said}\n", encoding="utf-8", newline="\n")
    return target


def read_words(workspace: Workspace, source: str, year: int) -> Words:
    """Return the year's own words as they were stored; none if none were."""
    chapters: Words = _stored(workspace, source, year)["chapters"]
    return chapters


def edition_of(workspace: Workspace, source: str, year: int, lang: str) -> str:
    """Return which edition a report is, and its day where one is declared."""
    said = _stored(workspace, source, year)["edition"]
    if not said:
        return say("report", "no_edition", lang)
    day = dt.date.fromisoformat(said["date"])
    month = say("report", "months", lang).split()[day.month - 1]
    return say("report", "edition", lang, number=said["edition"], day=day.day, month=month, year=day.year)


def _target(workspace: Workspace, source: str, year: int) -> Path:
    return workspace.controlled(source, year) / "words" / "texts.json"


def _stored(workspace: Workspace, source: str, year: int) -> dict[str, Any]:
    path = _target(workspace, source, year)
    if not path.is_file():
        return {"edition": {}, "chapters": {}}
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except ValueError:
        raise _refused(path.name, 1, "encoding", "UTF-8") from None


def _line(line: str, file: str, at: int, numbers: Numbers) -> str:
    """Return a line with its fields filled, if it may stand."""
    plain = FIELD.sub(" ", line)
    # Letters that look like others, signs between letters and emphasis hide neither digit nor word.
    bare = "".join(c for c in unicodedata.normalize("NFKC", plain) if unicodedata.category(c) != "Cf")
    bare = re.sub(r"[*_~]", "", bare).lower()
    if find_identity(line) or find_identity(bare):
        raise _refused(file, at, "identity", "-")
    if markup := _MARKUP.search(bare):
        raise _refused(file, at, "markup", markup[0])
    if any(c.isnumeric() for c in bare):
        raise _refused(file, at, "digit", "{fact:…}")
    if word := next((w for w in _WORD.findall(bare) if _is_claim(w, numbers.lang)), None):
        raise _refused(file, at, "word", word)
    if form := next(
        (f[0] for f in FIELD.finditer(line) if f[1].startswith("if_") or not _is_written(f)), None
    ):
        raise _refused(file, at, "form", form)
    try:
        filled, wrong = fill(line, numbers, both=True)
    except UsageError as error:
        raise _refused(file, at, "form", str(error.fields["key"])) from None
    if wrong and (left := _left_out(wrong, numbers)):
        raise ContractError("E-665", file=file, line=at, what=wrong, table=title_of(left, numbers.lang))
    if wrong:
        raise _refused(file, at, "untrue", wrong)
    return filled


def _left_out(field: str, numbers: Numbers) -> str:
    """Return a table that a field needs and its year leaves out; nothing if there is none."""
    plan = load_plan()
    for name in re.findall(r"[a-z0-9_]+", field):
        if name in plan.facts and (fact := numbers.fact(name)).state == "left_out":
            return fact.table
        if name in plan.by_key and is_left_out(name, numbers.years, numbers.year):
            return name
    return ""


def _is_written(field: re.Match[str]) -> bool:
    return field[2] is not None or field[1] in ("year", "year_before")


def _is_claim(word: str, lang: str) -> bool:
    exact, starts = _claim_words()[lang]
    return word in exact or word.startswith(starts)


@cache
def _claim_words() -> Mapping[str, tuple[frozenset[str], tuple[str, ...]]]:
    """Return, by language, the words that claim something, and how others begin that do."""
    said = read_packaged(resource("claim_words.toml"))
    return {lang: (frozenset(said[lang]["words"]), tuple(said[lang]["begin"])) for lang in LANGUAGES}


def _edition(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            "edition": str(int(said["edition"])),
            "date": dt.date.fromisoformat(str(said["date"])).isoformat(),
        }
    except (ValueError, KeyError, TypeError):
        raise _refused(path.name, 1, "edition", "edition = 1, date = 2025-08-15") from None


def _refused(file: str, line: int, why: str, what: str) -> ContractError:
    return ContractError("E-663", file=file, line=line, why=why, what=what)
