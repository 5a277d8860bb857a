"""What one code, one variable and one derived variable are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["SPECIAL_CODES", "Code", "Derived", "Grain", "Kind", "Variable"]

SPECIAL_CODES = ("unknown", "blank", "not_asked")
"""Answered "unknown"; asked and left blank; not asked that year. They never merge into each other."""

Grain = Literal["case", "programme", "organisation", "total"]
Kind = Literal["code", "multi", "yes_no", "count", "days", "sek", "text_code"]


@dataclass(frozen=True)
class Code:
    """One permitted answer.

    Parameters
    ----------
    code : str
        Stored value; never reused or redefined.
    sv, en : str
        Labels.
    mark : {"S", "A", "I"}
        Named by the Platform, by an authority, or inferred (shown as proposed).
    aliases : tuple of str
        Other accepted spellings.
    parent : str, optional
        Code that it merges into in coarser tables.
    parent_until : tuple, optional
        ``(last year, parent then)`` where the parent has changed.
    since, until : int, optional
        First and last support year in which it may be answered.
    sensitive : bool
        A group in which all or none have it needs a decision.
    """

    code: str
    sv: str
    en: str
    mark: str = "S"
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    parent_until: tuple[int, str] | None = None
    since: int | None = None
    until: int | None = None
    sensitive: bool = False

    def label(self, lang: str) -> str:
        """Return the label in ``lang``."""
        return self.sv if lang == "sv" else self.en

    def parent_in(self, year: int) -> str:
        """Return the coarser code in ``year``, or the code itself."""
        if self.parent_until and year <= self.parent_until[0]:
            return self.parent_until[1]
        return self.parent or self.code


@dataclass(frozen=True)
class Variable:
    """One question of the form.

    Parameters
    ----------
    name : str
        Column name; multi-select variables have one column per code, ``name__code``.
    grain : {"case", "programme", "organisation", "total"}
        Sheet that it stands on.
    kind : {"code", "multi", "yes_no", "count", "days", "sek", "text_code"}
        Type of the answer.
    sv, en : str
        Heading in the form.
    mark : {"S", "A", "I"}
        As in ``Code``.
    sensitivity : {"direct", "quasi", "plain"}
        Whether it identifies a person directly, together with others, or not.
    codes : str, optional
        Name of its code list.
    unit : str, optional
        Unit of a number.
    since, until : int, optional
        First and last support year asked.
    minimum, maximum, default : int, optional
        Limits of a number (inclusive) and the value of an empty cell.
    required, optional : bool
        A row without it is held; an empty cell is no gap.
    sensitive : bool
        0 % or 100 % in a group needs a decision.
    asked_if : mapping of str to str
        Asked only where another variable has this code.
    """

    name: str
    grain: Grain
    kind: Kind
    sv: str
    en: str
    mark: str
    sensitivity: str
    codes: str | None = None
    help_sv: str = ""
    help_en: str = ""
    unit: str | None = None
    since: int | None = None
    until: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    default: int | None = None
    required: bool = False
    optional: bool = False
    sensitive: bool = False
    asked_if: Mapping[str, str] = field(default_factory=dict)

    def label(self, lang: str) -> str:
        """Return the heading in ``lang``."""
        return self.sv if lang == "sv" else self.en

    def help(self, lang: str) -> str:
        """Return the guidance in ``lang``, empty if there is none."""
        return self.help_sv if lang == "sv" else self.help_en

    def is_asked(self, year: int) -> bool:
        """Say whether the form of ``year`` asked it."""
        return (self.since or year) <= year <= (self.until or year)

    @property
    def is_number(self) -> bool:
        """Whether the answer is a number."""
        return self.kind in ("count", "days", "sek")


@dataclass(frozen=True)
class Derived:
    """A variable that tables use and nobody is asked.

    Parameters
    ----------
    name, codes, sv, en : str
        As in ``Variable``.
    sources : tuple of str
        Clean columns that it is computed from.
    by : {"parent", "map", "pairs"}
        Rule; see ``resources/codebook/derived.toml``.
    mapping : mapping of str to str
        For ``"map"``.
    pairs : tuple of (str, str, str)
        For ``"pairs"``: first matching row decides, ``"*"`` matches anything.
    """

    name: str
    codes: str
    sv: str
    en: str
    sources: tuple[str, ...]
    by: Literal["parent", "map", "pairs"]
    mapping: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str, str], ...] = ()

    def label(self, lang: str) -> str:
        """Return the heading in ``lang``."""
        return self.sv if lang == "sv" else self.en
