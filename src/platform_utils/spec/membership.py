"""Forms of membership: who may hold each, what it gives, what its application asks; and one membership.

Enters: ``resources/membership.toml``. Leaves: frozen definitions, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Literal

from platform_utils.paths import resource
from platform_utils.spec.codebook import load
from platform_utils.spec.entries import Labelled, Text, read_entry, read_packaged, require_known

Holder = Literal["organisation", "person"]
Right = Literal["motion", "speak", "propose", "vote"]
RIGHTS: tuple[Right, ...] = ("motion", "speak", "propose", "vote")


@dataclass(frozen=True)
class MembershipForm:
    """One form of membership; ``observer`` where its holders take part as observers."""

    holders: tuple[Holder, ...]
    rights: tuple[Right, ...]
    asks: tuple[str, ...]
    observer: bool = False


@dataclass(frozen=True)
class Question(Labelled):
    """One question of an application.

    Attributes
    ----------
    answers : mapping of str to Text
        What may be chosen, by code; without them a short text, as ``pattern`` says if it says anything.
    must : str
        The only answer with which one can be admitted.
    of : tuple of str
        Whose question it is; what others write there is not kept.
    """

    sv: str
    en: str
    help: Text
    answers: Mapping[str, Text] = field(default_factory=dict)
    pattern: str = ""
    must: str = ""
    of: tuple[Holder, ...] = ("organisation", "person")


@dataclass(frozen=True)
class Membership:
    """One entry of the register: a holder in a form, from application to exit.

    Attributes
    ----------
    id : str
        The Platform's short code, such as ``"M07"``; the same in all that one holder has had.
    name : str
        Of an organisation; a person has none here.
    left : date, optional
        Last day.
    paid : tuple of int
        Years whose fee is paid.
    """

    id: str
    holder: Holder
    form: Literal["full", "individual", "network"]
    name: str = ""
    applied: date | None = None
    admitted: date | None = None
    joined: date | None = None
    left: date | None = None
    paid: tuple[int, ...] = ()

    def holds(self, first: date, last: date) -> bool:
        """Say whether it is in force on some day from ``first`` to ``last``."""
        return self.joined is not None and self.joined <= last and (self.left is None or first <= self.left)


@cache
def forms() -> Mapping[str, MembershipForm]:
    """Return every form of membership by its code.

    Raises
    ------
    SettingsError
        E-010 with entry and key that cannot be used.
    """
    said = read_packaged(resource("membership.toml"))["form"]
    require_known(said, {code.code for code in load().lists["membership_form"]}, "membership.toml", "form")
    found = {name: read_entry(MembershipForm, entry, "membership.toml", name) for name, entry in said.items()}
    for name, one in found.items():
        require_known(one.asks, questions(), "membership.toml", f"form.{name}.asks")
    return found


@cache
def questions() -> Mapping[str, Question]:
    """Return every question of the applications by its name."""
    said = read_packaged(resource("membership.toml"))["question"]
    return {name: read_entry(Question, entry, "membership.toml", name) for name, entry in said.items()}


def form_label(form: str, lang: str) -> str:
    """Return what a form of membership is called."""
    return next(code.label(lang) for code in load().lists["membership_form"] if code.code == form)
