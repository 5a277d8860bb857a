"""The register of members: read, judged entry by entry, and counted for a year.

Enters: ``register.toml``. Leaves: memberships in good order, contradictions by entry, counts. Rule: an entry
that contradicts itself or another one is named and not counted; nobody guesses which half is right.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from platform_utils.errors import ContractError, FileError, PlatformError, SettingsError
from platform_utils.lock import one_writer
from platform_utils.messages import label
from platform_utils.paths import Workspace, write_whole
from platform_utils.returns import Receipt, keep_application, load_receipts, read_application
from platform_utils.spec.entries import read_entry, require_known, written_entry
from platform_utils.spec.membership import Membership, forms
from platform_utils.spec.text import is_name, normalise_text

_ID, _KEY = re.compile(r"[A-Z]{1,3}-?\d{1,4}"), re.compile(r"[a-z_]{1,20}")
_ORDER = ("applied", "admitted", "joined", "left")
_OPEN = date(9999, 12, 31)


@dataclass(frozen=True)
class Register:
    """What the register says.

    Attributes
    ----------
    memberships : tuple of Membership
        Those in good order.
    contradictions : tuple of (str, mapping)
        Codes of texts with their fields: numbers of entries and, where it is one, the short code.
    entries : int
        How many there are.
    """

    memberships: tuple[Membership, ...]
    contradictions: tuple[tuple[str, Mapping[str, object]], ...]
    entries: int

    def require_clean(self) -> None:
        """Refuse a register with entries that contradict themselves or each other: E-399."""
        if held := self.entries - len(self.memberships):
            raise ContractError("E-399", count=held, entries=self.entries)


@dataclass(frozen=True)
class Counted:
    """Members of one year.

    Attributes
    ----------
    paying : mapping of (form, holder) to int
        Holders of a membership in force in the year with its fee paid; of two forms the later one.
    unpaid, new, left, waiting : int
        In force without the fee of the year; first joined in it; left for good in it; applied by its end
        and not decided.
    """

    year: int
    paying: Mapping[tuple[str, str], int]
    unpaid: int
    new: int
    left: int
    waiting: int

    def of(self, form: str = "", holder: str = "") -> int:
        """Return the paying members of a form, a holder, both, or all."""
        return sum(n for (one, who), n in self.paying.items() if form in ("", one) and holder in ("", who))


def load_register(workspace: Workspace, source: str) -> Register:
    """Return the register, judged.

    Raises
    ------
    FileError
        E-380 if there is none, or it is no TOML with entries.
    """
    path = workspace.books(source, "register.toml")
    entries = _listed(path, workspace)
    read: dict[int, Membership] = {}
    found: list[tuple[str, dict[str, object]]] = []
    for number, entry in enumerate(entries, start=1):
        try:
            read[number] = read_entry(Membership, entry, path.name, "-")
        except SettingsError as error:  # its words may be a name: only the key is said
            found.append(("E-381", {"entry": number, "key": key_of(error)}))
    found += [
        (code, {"entry": number, "member": one.id if _ID.fullmatch(one.id) else "-"})
        for number, one in read.items()
        for code in _alone(one)
    ]
    found += [
        (code, {"entry": a, "other": b}) for a, b in combinations(read, 2) for code in _two(read[a], read[b])
    ]
    held = {fields[key] for _, fields in found for key in ("entry", "other") if key in fields}
    good = tuple(one for number, one in read.items() if number not in held)
    return Register(good, tuple(sorted(found, key=lambda one: (one[1]["entry"], one[0]))), len(entries))


def key_of(error: PlatformError) -> str:
    """Return the key of an entry that cannot be used, and nothing of what stands there."""
    place, _, word = str(error.fields["name"]).partition(": ")
    return place.removeprefix("-").strip(".") or (word if _KEY.fullmatch(word) else "-")


def count_members(register: Register, year: int) -> Counted:
    """Count the members of a year; each holder once."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    own: dict[str, list[Membership]] = {}
    for one in register.memberships:
        if one.joined is not None:
            own.setdefault(one.id, []).append(one)
    paying: Counter[tuple[str, str]] = Counter()
    unpaid = new = left = 0
    for history in own.values():
        history.sort(key=lambda one: one.joined or _OPEN)
        here = [one for one in history if one.holds(first, last)]
        if any(year in one.paid for one in here):
            paying[here[-1].form, here[-1].holder] += 1
        else:
            unpaid += bool(here)
        new += history[0].joined is not None and history[0].joined.year == year
        left += (history[-1].left or _OPEN).year == year
    waiting = sum(
        one.applied is not None and one.applied <= last and (one.admitted is None or one.admitted > last)
        for one in register.memberships
    )
    return Counted(year, dict(paying), unpaid, new, left, waiting)


def told_of(counted: Counted, lang: str) -> list[str]:
    """Return what a command says of the members of a year."""
    by_form = {form: counted.of(form) for form in forms()} | {"all": counted.of()}
    organisations = counted.of(holder="organisation")
    return [
        label("L-members-paying", lang, year=counted.year, organisations=organisations, **by_form),
        label("L-members-moves", lang, **vars(counted)),
        label("L-members-unchecked", lang),
    ]


def receive_application(path: Path, source: str, day: date, *, workspace: Workspace) -> Receipt:
    """Receive an application into the register; of a file that came before, its receipt again.

    Raises
    ------
    FileError, ContractError
        As `read_application`.
    """
    read, answers = read_application(path)
    with one_writer(workspace):
        path = workspace.books(source, "register.toml")
        entries = _listed(path, workspace) if path.is_file() else []
        said = {"holder": answers["holder"], "form": read.form_version, "name": answers.get("name", "")}
        for one in load_receipts(workspace, source, "books"):
            if one.sha256 == read.sha256 and any(_is_of(entry, said, one.member_id) for entry in entries):
                return replace(one, status="duplicate")
        said = {"id": _code(entries, said["name"])} | said
        given = replace(read, member_id=said["id"], received=day.isoformat())
        kept = keep_application(given, answers, workspace=workspace, source=source)
        is_open = (_is_of(one, said, said["id"]) and one.keys().isdisjoint(_ORDER[1:]) for one in entries)
        if not (said["name"] and any(is_open)):  # corrected: what waits is decided on the newest copy
            text = path.read_text(encoding="utf-8-sig") if entries else ""
            entry = written_entry({name: word for name, word in said.items() if word})
            added = f"[[membership]]\n{entry}applied = {day.isoformat()}\n"
            write_whole(path, f"{text.rstrip()}\n\n{added}".lstrip())
        return kept


def _is_of(entry: Mapping[str, Any], said: Mapping[str, str], code: str) -> bool:
    """Say whether an entry is the one that an application made, under a code."""
    same = normalise_text(str(entry.get("name", ""))) == normalise_text(said["name"])
    return (
        same
        and all(entry.get(key) == word for key, word in said.items() if key != "name")
        and (entry.get("id") == code)
    )


def _code(entries: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the code of an applicant: an organisation keeps the one it has."""
    for one in entries:
        if name and "id" in one and normalise_text(str(one.get("name", ""))) == normalise_text(name):
            return str(one["id"])
    numbers = [int(digits) for one in entries for digits in re.findall(r"\d{1,4}$", str(one.get("id", "")))]
    return f"M{max(numbers, default=0) + 1:02d}"


def _listed(path: Path, workspace: Workspace) -> list[dict[str, Any]]:
    """Return the entries of a register as they stand in its file."""
    file = workspace.relative(path)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        require_known(said, ["membership"], file, "-")
        entries = list(said["membership"])
    except SettingsError as error:
        raise FileError("E-380", file=file, key=key_of(error)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError("E-380", file=file, key="-") from error
    if not all(isinstance(one, dict) for one in entries):
        raise FileError("E-380", file=file, key="membership")
    return entries


def _alone(one: Membership) -> Iterator[str]:
    """Yield what one entry contradicts in itself."""
    dates = [getattr(one, name) for name in _ORDER]
    given = [day for day in dates if day is not None]
    if not _ID.fullmatch(one.id):
        yield "E-382"
    if one.joined and one.left and one.left < one.joined:
        yield "E-383"
    elif any(later < earlier for earlier, later in pairwise(given)):
        yield "E-384"
    if (one.joined or one.left) and not one.admitted:
        yield "E-385"
    if one.paid and not one.admitted:
        yield "E-386"
    elif any(
        year < (one.joined or _OPEN).year or year > (one.left or _OPEN).year for year in one.paid
    ) or len(set(one.paid)) < len(one.paid):
        yield "E-387"
    if one.holder not in forms()[one.form].holders:
        yield "E-388"
    if (one.holder == "organisation") != bool(one.name.strip()):
        yield "E-389" if one.holder == "organisation" else "E-390"
    if not is_name(one.name):
        yield "E-391"


def _two(one: Membership, other: Membership) -> Iterator[str]:
    """Yield what two entries contradict in each other."""
    same = normalise_text(one.name) == normalise_text(other.name)
    if one.id == other.id:
        if one.holder != other.holder or not same:
            yield "E-392"
        both = one.joined and other.joined and one.holds(other.joined, other.left or _OPEN)
        if both or not any(getattr(each, day) for each in (one, other) for day in _ORDER[1:]):
            yield "E-393"
    elif same and one.name.strip():
        yield "E-394"
