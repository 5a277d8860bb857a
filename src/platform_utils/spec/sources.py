"""What a source is: the unit of its rows, and of a file of others who published it and what it is.

Enters: the name of a source, ``source.toml`` beside the years of a file. Leaves: the unit that counts are in,
and the description that its report tells. Rules: rows of synthetic data are called rows, never persons; years
are compared only where the description says that they can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from platform_utils.errors import SettingsError, UsageError
from platform_utils.messages import say
from platform_utils.paths import SOURCES, Workspace, resource
from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.entries import Labelled, Text, key, read_entry, read_packaged

CASES, ROWS = "cases", "rows"
"""Tables of a file besides those of its questions: the whole, and what became of its rows."""
REDACTED = "redacted"
"""The answer of a cell that the publisher has hidden."""
_SYNTHETIC = re.compile(r"external-(?:.+-)?synthetic")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def row_unit(source: str) -> str:
    """Return ``"rows"`` for a file of others whose name ends in synthetic, else ``"persons"``.

    Examples
    --------
    >>> row_unit("demo"), row_unit("external-ctdc"), row_unit("external-ctdc-synthetic")
    ('persons', 'persons', 'rows')
    """
    return "rows" if _SYNTHETIC.fullmatch(source) else "persons"


@dataclass(frozen=True)
class Asked(Labelled):
    """One question of a file, shown as the file asks it.

    Attributes
    ----------
    columns : tuple of str
        One column of answers; or columns of flags, ``*`` standing for the rest of a name and ``!`` before
        those that are none.
    split : tuple of str
        Signs between several answers in one cell.
    is_flags : bool
        Whether each column is an answer, given by ``yes``.
    is_country : bool
        Whether answers are country codes.
    """

    name: str
    sv: str
    en: str
    columns: tuple[str, ...] = field(metadata=key("from"))
    split: tuple[str, ...] = ()
    is_flags: bool = field(default=False, metadata=key("flags"))
    is_country: bool = field(default=False, metadata=key("countries"))
    yes: tuple[str, ...] = ("1", "1.0")

    def has(self, heading: str) -> bool:
        """Say whether a column of a file is one of its."""
        wanted = [one for one in self.columns if not one.startswith("!")]
        barred = [one[1:] for one in self.columns if one.startswith("!")]
        return is_named(heading, wanted) and not is_named(heading, barred)

    @property
    def is_multiple(self) -> bool:
        """Whether one person may stand in several rows."""
        return self.is_flags or bool(self.split)


@dataclass(frozen=True)
class Source:
    """What somebody else has published.

    Attributes
    ----------
    title, row, covered, licence, guarantees : Text
        Its name; what a row is and stands for; who is in it; on what terms; what its publisher vouches for.
    is_public : bool
        Whether everybody can get the file: its counts are public then. Else the gate hides small ones.
    publisher, short : str
        Who has published it, and what it is called under a table.
    cite, address : str
        How its publisher wants to be cited, and where the file is.
    never_asked : tuple of Text
        What readers may look for in vain.
    asks : tuple of Asked
        What it asks, in the order of its report.
    swedish : mapping of str to str
        Words of the file in Swedish, besides those that the package knows.
    compare : tuple of (int, int)
        First and last year of each run of years that can be compared; none if no two years can.
    why : Text
        Why they can, or cannot.
    """

    title: Text
    publisher: str
    row: Text
    covered: Text
    licence: Text
    cite: str
    address: str
    guarantees: Text
    never_asked: tuple[Text, ...]
    asks: tuple[Asked, ...]
    why: Text = field(metadata=key("why_compare"))
    compare: tuple[tuple[int, int], ...] = ()
    short: str = ""
    swedish: Mapping[str, str] = field(default_factory=dict)
    is_public: bool = field(default=False, metadata=key("public"))

    def comparable(self, year: int, known: Iterable[int]) -> tuple[int, ...]:
        """Return the known years that a year can be compared with, itself among them, in order."""
        runs = [run for run in self.compare if run[0] <= year <= run[1]]
        return tuple(sorted({year} | {one for one in known for low, high in runs if low <= one <= high}))

    def text(self, name: str, lang: str) -> str:
        """Return what one of its fields says."""
        said = getattr(self, name)
        return said if isinstance(said, str) else str(said.label(lang))

    def answer(self, asked: Asked, code: str, lang: str) -> str:
        """Return an answer as readers see it: in the file's own words, in Swedish where they are known."""
        book, swedish = codebook.load(), {**_swedish_words(), **self.swedish}
        if code == REDACTED or (code == "blank" and asked.is_flags):
            return say("casefile", "redacted" if code == REDACTED else "none_given", lang)
        if code in (*SPECIAL_CODES, TOTAL):
            return book.special[code].label(lang)
        if asked.is_country and code in country_codes():
            return book.label("origin_country", country_codes()[code], lang)
        if lang == "sv" and code in swedish:
            return swedish[code]
        if not asked.is_flags:
            return code.replace("--", "–")
        starts = ["is", *(one.partition("*")[0] for one in asked.columns if "*" in one)]
        start = max((one for one in starts if code.startswith(one)), key=len, default="")
        words = _CAMEL.sub(" ", code.removeprefix(start) or code).lower()
        return words[:1].upper() + words[1:]


def load_source(workspace: Workspace, source: str) -> Source:
    """Return the description of a file of others.

    Raises
    ------
    UsageError
        E-003, E-327 if it is no file of others.
    SettingsError
        E-325 if there is none; E-010 if it cannot be used.
    """
    if source in SOURCES:
        raise UsageError("E-327", report="casefile", source=source)
    kept = workspace.described(source)
    for path in (kept, packaged_source(source.removeprefix("external-"))):
        if path.is_file():
            return read_entry(Source, read_packaged(path), path.name, "source")
    raise SettingsError("E-325", file=workspace.relative(kept))


def packaged_source(name: str) -> Path:
    """Return where the package describes a file, such as ``"ctdc"``."""
    return resource("sources", f"{name}.toml")


def is_named(text: str, names: Iterable[str]) -> bool:
    """Say whether a text is one of some names, in which ``*`` stands for any letters and case for nothing.

    Examples
    --------
    >>> is_named("meansOfControlThreats", ["MeansOfControl*"]), is_named("c", ["[c]"])
    (True, False)
    """
    patterns = (".*".join(map(re.escape, one.split("*"))) for one in names)
    return any(re.fullmatch(one, text, re.IGNORECASE) for one in patterns)


@cache
def _swedish_words() -> Mapping[str, str]:
    """Return what publishers' own words are called in Swedish."""
    return dict(read_packaged(resource("sources", "swedish.toml")))


@cache
def country_codes() -> Mapping[str, str]:
    """Return the country of every two- and three-letter code; ``NA`` is Namibia here."""
    return {
        spelling: country.code
        for country in codebook.load().lists["country"]
        for spelling in (country.code, *country.aliases)
        if spelling.isupper() and len(spelling) in (2, 3)
    }
