"""What each member gets back for its return: its own figures beside what has been released of all.

Enters: a member's own rows, findings on its return, and tables of a release. Leaves: a page per member and
language, restricted; in the ledger what was given to whom, as keyed hashes. Rule: of others a page shows only
what a frozen release shows, and not where what is left without the member's own would be too few persons.
So whoever has the release and its own rows learns nothing new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from platform_utils import clean as cleaning
from platform_utils import count, pipeline, protect, publish, validate
from platform_utils.errors import FileError
from platform_utils.messages import LANGUAGES, label, say
from platform_utils.paths import Workspace, folder_for_a_while, replace_folder
from platform_utils.protect.merge import laid_out_as
from platform_utils.publish.inline import escaped, whole
from platform_utils.publish.table import table_block
from platform_utils.publish.words import code_label, is_left_out, say_left_out, title_of
from platform_utils.release.contents import digest_of, public_hashes
from platform_utils.release.freeze import releases_of
from platform_utils.release.sign_off import Candidate, open_ledger, sealed, signed_by_two
from platform_utils.render import render
from platform_utils.returns import load_members
from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.codebook import SPECIAL_CODES, UNREADABLE
from platform_utils.spec.counts import TOTAL, CountTable, codes_in
from platform_utils.spec.plan import load_plan
from platform_utils.spec.returns import REASONS, CheckedReturn, Member
from platform_utils.spec.safe import SafeTable

_TABLES = (
    "headline", "sex", "adult_or_child", "origin_eu", "form", "identified_by_group", "police_report",
    "formal_identification", "exit_kind",
)  # fmt: skip
_WITHOUT_LARGE = "_without_mass"
_FORMATS = ("html", "pdf")
_MOST_FINDINGS, _MOST_GAPS = 5, 6


@dataclass(frozen=True)
class Feedback:
    """The pages of a year: restricted.

    Attributes
    ----------
    release : str
        The edition that the members' own figures stand beside.
    hashes : mapping of str to str
        By name of file: what the ledger says of it, which nobody without this workspace's key can compute.
    """

    year: int
    source: str
    release: str
    folder: Path
    hashes: Mapping[str, str]

    def candidate(self, ledger: protect.Ledger) -> Candidate:
        """Return what a reader signs: every page of the year, by its hash; no table goes out with them."""
        return Candidate.of(ledger, self.ended(ledger))

    def ended(self, ledger: protect.Ledger, day: date = date.min) -> protect.Ledger:
        """Return the ledger in which the pages have been given out on a day."""
        given = {name: keyed.encode("ascii") for name, keyed in self.hashes.items()}
        name = f"feedback-{self.year}-{len(_given(ledger, self.year)) + 1}"
        about: dict[str, object] = {"id": name, "source": self.source, "date": day.isoformat()}
        about |= {"beside": self.release, "digest": digest_of(given), "given": dict(self.hashes)}
        return sealed(ledger, name, about, day=day)


@dataclass(frozen=True)
class _Year:
    """What all pages of a year are written from: restricted."""

    year: int
    source: str
    release: str
    counted: Mapping[str, CountTable]
    released: Mapping[str, SafeTable]
    trend: Sequence[tuple[int, Mapping[str, int], int | None]]
    clean: CleanYear
    checked: Sequence[CheckedReturn]


def write_feedback(workspace: Workspace, source: str, year: int, members: Collection[str] = ()) -> Feedback:
    """Write the pages of every member that has returned, or of those named; all of them or none.

    Raises
    ------
    FileError
        E-842 if the year has not been released; E-306 if its rows are not cleaned.
    DisclosureError
        E-411, E-412, E-436, E-460 to E-463 if the release or the ledger has been touched.
    """
    told = _read(workspace, source, year)
    here = {one.member_id for one in told.checked}
    wanted = [m for m in load_members(workspace, source, year) if m.id in (members or here) and m.id in here]
    folder = workspace.restricted(source, year) / "feedback"
    with replace_folder(folder) as partial, folder_for_a_while(folder.parent) as drafts:
        for member in wanted:
            for lang in LANGUAGES:
                draft = drafts / f"{member.id}.{lang}.ipynb"
                draft.write_text(_notebook(told, member, lang), encoding="utf-8", newline="\n")
                render(draft, _FORMATS, partial / f"{member.id}.{lang}")
        hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(partial.iterdir())}
    places = {workspace.relative(folder / name): value for name, value in hashes.items()}
    keyed = public_hashes(workspace, source, places).values()
    return Feedback(year, source, told.release, folder, dict(zip(hashes, keyed, strict=True)))


def give_feedback(feedback: Feedback, *, day: date, workspace: Workspace) -> str:
    """Enter in the ledger what each member is given, once two readers have signed; return its name there.

    Raises
    ------
    NotSignedOff
        E-804, E-805, E-836 as `require_two`.
    DisclosureError
        E-436, E-460 to E-463 if the ledger has been touched.
    """
    ledger = open_ledger(workspace, feedback.source)
    candidate = feedback.candidate(ledger)
    for name in _given(ledger, feedback.year):
        if ledger.seals[name][1].content["about"]["digest"] == candidate.digest:
            return name  # the same pages are out already
    ledger = signed_by_two(workspace, ledger, feedback.ended(ledger, day))
    ledger.write()
    return ledger.lines[-1].release


def _given(ledger: protect.Ledger, year: int) -> list[str]:
    return [name for name in ledger.seals if name.startswith(f"feedback-{year}-")]


def beside_own(own: int, everybody: int | None, least: int) -> int | None:
    """Return a released count as it may stand beside a member's own: None where too few others are left.

    Examples
    --------
    >>> beside_own(5, 12, 4), beside_own(9, 12, 4), beside_own(12, 12, 4)
    (12, None, 12)
    """
    return None if everybody is None or 0 < everybody - own < least else everybody


def _read(workspace: Workspace, source: str, year: int) -> _Year:
    open_ledger(workspace, source)
    released = {}
    for one in releases_of(workspace, source):
        number = int(one.id.rpartition("-")[2])
        released[one.year] = one.id, publish.read_tables(workspace, source, one.year, number)
    if year not in released:
        raise FileError("E-842", year=year, source=source)
    trend = []
    for each in (one for one in workspace.years_with_returns(source) if one <= year):
        clean = cleaning.read_year(workspace.restricted(source, each))
        (headline,) = count.asked_tables(clean, [load_plan().by_key["headline"]])
        list_ = clean.member_year
        returned = list_.loc[list_["has_returned"].astype(bool), "member_id"].astype(str)
        own = {member: _own(headline).get(member, {}).get((), 0) for member in returned}
        tables = released.get(each, ("", {}))[1]
        trend.append((each, own, tables["headline"].count() if "headline" in tables else None))
    counted = {table.name: table for table in pipeline.count_year(year, source, workspace=workspace)}
    checked = pipeline.check_returns(year, source, workspace=workspace)
    return _Year(year, source, *_first(released[year], counted), trend, clean, checked)


def _first(
    released: tuple[str, Mapping[str, SafeTable]], counted: Mapping[str, CountTable]
) -> tuple[str, dict[str, CountTable], Mapping[str, SafeTable]]:
    """Return the edition's name, and counts of today laid out as its tables are."""
    name, tables = released
    links = protect.packaged_links(max(table.universe.year for table in tables.values()))
    both = {key: (counted[key], safe) for key, safe in tables.items() if key in counted}
    laid = {key: laid_out_as(mine, safe.codes(), links) for key, (mine, safe) in both.items()}
    return name, laid, tables


def _own(table: CountTable) -> dict[str, dict[tuple[str, ...], int]]:
    """Return how many of its own rows each member has in each cell."""
    own: dict[str, dict[tuple[str, ...], int]] = {}
    behind = table.contributors
    if behind is not None:
        rows = zip(behind["member_id"], codes_in(behind, table.dimensions), behind["count"], strict=True)
        for member, codes, number in rows:
            own.setdefault(str(member), {})[codes] = int(number)
    return own


def _notebook(told: _Year, member: Member, lang: str) -> str:
    """Return a page as a notebook of text, which the house's engine renders."""
    title = say("feedback", "title", lang, year=told.year, member=member.id)
    marks = [label("L-mark-demo", lang)] if told.source == "demo" else []
    mark = " · ".join([*marks, say("feedback", "mark", lang, member=member.id)])
    front = {"title": title, "lang": lang, "running-mark": mark, "number-sections": False, "toc": False}
    head = "\n".join(f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in front.items())
    cells = [
        {"cell_type": "raw", "metadata": {}, "source": [f"---\n{head}\n---"]},
        {"cell_type": "markdown", "metadata": {}, "source": [_page(told, member, lang)]},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _page(told: _Year, member: Member, lang: str) -> str:
    mine = [one for one in told.checked if one.member_id == member.id]
    _, counts, everybody = told.trend[-1]
    own = counts.get(member.id, 0)
    least = protect.load_rule().classes["B"].min_without_largest
    beside = beside_own(own, everybody, least)
    met = {"name": escaped(member.name or member.id), "own": whole(own, lang), "all": whole(beside, lang)}
    fields = {
        "year": told.year,
        "next": told.year + 1,
        "release": told.release,
        "met": say("feedback", "met_alone" if beside is None else "met", lang, year=told.year, **met),
        "figures": _figures(told, member.id, least, lang),
        "trend": _trend(told, member.id, least, lang),
        "fates": _fates(told, mine, lang),
        "findings": _listed(_findings(mine, lang), "nothing", lang),
        "gaps": _listed(_gaps(told, member.id, lang), "no_gaps", lang),
        "news": _listed(_news(told.year, lang), "no_news", lang),
        "least": least,
    }
    return say("feedback", "page", lang, **fields)


def _figures(told: _Year, member: str, least: int, lang: str) -> str:
    body, notes = [], [say("feedback", "note", lang, least=least)]
    for key in _TABLES:
        safe = told.released.get(key + _WITHOUT_LARGE, told.released.get(key))
        if safe is None or not safe.asked or safe.name not in told.counted:
            continue
        own = _own(told.counted[safe.name]).get(member, {})
        title = title_of(key, lang)
        for codes, number in zip(safe.cells, safe.counts, strict=True):
            mine = own.get(codes, 0)
            if codes == (TOTAL,) or {*codes} & {*SPECIAL_CODES} or not (mine or number or codes == ()):
                continue
            what = f"{title}: {code_label(safe.dimensions[0], codes[0], lang)}" if codes else f"**{title}**"
            body.append([what, whole(mine, lang), whole(beside_own(mine, number, least), lang)])
    heading = [say("feedback", key, lang) for key in ("what", "yours", "all")]
    caption = say("feedback", "figures", lang, year=told.year, release=told.release)
    if any(key + _WITHOUT_LARGE in told.released for key in _TABLES):
        notes = [say("feedback", "without_large", lang), *notes]
    table = table_block("figures", caption, heading, body, notes, (56, 12, 12))._repr_markdown_()
    left = [key for key in _TABLES if is_left_out(key, {told.year: told.released}, told.year)]
    return "\n\n".join([*([table] if body else notes[-1:]), *say_left_out(left, told.year, lang)])


def _trend(told: _Year, member: str, least: int, lang: str) -> str:
    body = []
    for year, own, everybody in told.trend:
        mine = own.get(member)
        shown = "–" if everybody is None else whole(beside_own(mine or 0, everybody, least), lang)
        body.append([str(year), "–" if mine is None else whole(mine, lang), shown])
    heading = [say("feedback", key, lang) for key in ("year", "yours", "all")]
    caption = say("feedback", "trend", lang)
    note = say("feedback", "trend_note", lang)
    return str(table_block("trend", caption, heading, body, [note], (40, 20, 20))._repr_markdown_())


def _fates(told: _Year, mine: Sequence[CheckedReturn], lang: str) -> str:
    rows, files = dict.fromkeys(REASONS.values(), 0), {one.file for one in mine}
    for entry in (entry for entry in told.clean.ledger if entry.file in files):
        rows[REASONS[entry.reason]] += entry.rows
    return say("feedback", "fates", lang, read=sum(rows.values()), **rows)


def _findings(mine: Sequence[CheckedReturn], lang: str) -> Iterator[str]:
    found = validate.show_findings([one for each in mine for one in each.findings], lang)
    for _, place, rows, what, remedy, _ in found.head(_MOST_FINDINGS).itertuples(index=False):
        where = f"{place} ({rows})" if rows else place
        yield escaped(f"{where}: {what} {remedy}")
    if len(found) > _MOST_FINDINGS:
        yield say("feedback", "more", lang, number=len(found) - _MOST_FINDINGS)


def _gaps(told: _Year, member: str, lang: str) -> Iterator[str]:
    """Yield the questions that a member's rows answer least, most gaps first."""
    rows = told.clean.case[told.clean.case["member_id"].eq(member)]
    gaps = []
    for one in codebook.load().of_grain("case", told.year):
        if one.name in rows and not one.optional and one.kind in ("code", "yes_no"):
            number = int(rows[one.name].isin(["unknown", "blank", UNREADABLE]).sum())
            gaps += [(-number, one.label(lang))] if number else []
    for number, heading in sorted(gaps)[:_MOST_GAPS]:
        yield say("feedback", "gap", lang, heading=heading, number=-number, rows=len(rows))


def _news(year: int, lang: str) -> Iterator[str]:
    """Yield the questions that come or go with the next form."""
    for one in codebook.load().variables:
        now, then = one.is_asked(year), one.is_asked(year + 1)
        if now != then:
            yield say("feedback", "asked" if then else "asked_no_more", lang, heading=one.label(lang))


def _listed(lines: Iterable[str], otherwise: str, lang: str) -> str:
    return "\n".join(f"- {line}" for line in lines) or say("feedback", otherwise, lang)
