"""One case under the rules that may have held when it was applied for.

Enters: a case, without dates: the month of the application, and days. Leaves: a verdict per version, with
what breaks it. What nobody wrote down breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from platform_utils.messages import say
from platform_utils.programme.rules import TOTAL_DAYS, Limit, Period, Rules, load_rules

MEASURES = ("granted", "used")


@dataclass(frozen=True)
class Spell:
    """One intervention for one person.

    Attributes
    ----------
    period : int
        1 for the first, 2 for its first renewal …
    granted, used, wanted : int, optional
        Days; wanted are those that the needs assessment asks for.
    """

    person: str
    kind: str
    period: int = 1
    granted: int | None = None
    used: int | None = None
    wanted: int | None = None

    def days(self, measure: str) -> int:
        """Return its days of a measure, 0 where nobody wrote them down."""
        return {"granted": self.granted, "used": self.used}[measure] or 0

    @property
    def asked(self) -> int:
        """The days that were needed: those wanted, or else those granted."""
        return (self.granted or 0) if self.wanted is None else self.wanted


@dataclass(frozen=True)
class Case:
    """What the rules look at.

    Attributes
    ----------
    month : str
        Of the application, ``"YYYY-MM"``; empty if not known.
    certified, society_pays : bool, optional
        Whether a certified actor applied; whether society pays for the same support. None: not known.
    """

    month: str
    spells: tuple[Spell, ...] = ()
    certified: bool | None = None
    society_pays: bool | None = None


@dataclass(frozen=True, order=True)
class Breach:
    """What breaks a rule.

    Attributes
    ----------
    what : str
        ``days``, ``period_days``, ``periods``, ``certified_only``, ``society_first`` or ``closed``.
    kind : str
        Intervention, or ``total``; empty where the rule is about the case.
    number, most : int
        The first day or period that is too many, and the most.
    since, source : str
        As in the rules.
    """

    version: str
    what: str
    since: str
    source: str
    person: str = ""
    kind: str = ""
    measure: str = ""
    number: int = 0
    most: int = 0

    def trace(self, lang: str) -> str:
        """Return it in plain words, with version and source; no person is named."""
        names = {"kind": say("nsp", f"called_{self.kind}_{self.version}", lang)} if self.kind else {}
        since = say("nsp", f"since_{self.since}", lang)
        names |= {"measure": say("nsp", self.measure, lang)} if self.measure else {}
        said = {"number": self.number, "most": self.most, "since": since}
        return say(
            "nsp", self.what, lang, **names, **said, source=load_rules().sources[self.source].label(lang)
        )


@dataclass(frozen=True)
class Verdict:
    """A case under one set of rules that may have held; not judged where no rules were found."""

    period: Period
    breaches: tuple[Breach, ...] = ()

    @property
    def is_judged(self) -> bool:
        """Whether there were rules to judge by."""
        return self.period.state == "version"


def judge_case(case: Case, rules: Rules) -> tuple[Verdict, ...]:
    """Return a verdict for all that may have held in the month of the application, in order."""
    return tuple(
        Verdict(period, tuple(_broken(case, period, rules)))
        for period in rules.may_hold(case.month)
        if case.month
    )


def days_beyond(spells: Sequence[Spell], version: str, rules: Rules) -> int:
    """Return how many of the days that one person needed lie beyond what a version gives at most.

    What is beyond for an intervention is not counted again in the total.
    """
    within, beyond = dict.fromkeys((spell.kind for spell in spells), 0), 0
    for spell in spells:
        within[spell.kind] += spell.asked
    for limit in sorted(rules.limits_of(version), key=lambda one: one.what == TOTAL_DAYS):
        counted = [kind for kind in within if _counts(limit, kind)]
        over = max(0, sum(within[kind] for kind in counted) - limit.days)
        beyond += over
        if limit.what in within:
            within[limit.what] -= over
    return beyond


def _counts(limit: Limit, kind: str) -> bool:
    return kind == limit.what or (limit.what == TOTAL_DAYS and kind not in limit.outside)


def _broken(case: Case, period: Period, rules: Rules) -> Iterator[Breach]:
    if period.state == "closed" and case.spells:
        yield Breach("closed", "closed", "2019", period.source)
    version = period.version
    rights = {right.what: right for right in rules.rights if right.version == version}
    failed = {
        "certified_only": case.certified is False,
        "society_first": case.society_pays is True and bool(case.spells),
    }
    for what, is_broken in failed.items():
        if is_broken and what in rights:
            yield Breach(version, what, rights[what].since, rights[what].source)
    for limit in rules.limits_of(version):
        for person in dict.fromkeys(spell.person for spell in case.spells):
            yield from _over([s for s in case.spells if s.person == person and _counts(limit, s.kind)], limit)


def _over(spells: Sequence[Spell], limit: Limit) -> Iterator[Breach]:
    """Yield what of one person's interventions lies beyond a limit."""
    if not spells:
        return
    told = (limit.version, limit.since, limit.source, spells[0].person, limit.what)
    periods = sorted({spell.period for spell in spells})
    for measure in MEASURES:
        if sum(spell.days(measure) for spell in spells) > limit.days:
            yield _breach("days", told, limit.days, measure)
        longest = max(sum(s.days(measure) for s in spells if s.period == period) for period in periods)
        if limit.period_days and longest > limit.period_days:
            yield _breach("period_days", told, limit.period_days, measure)
    if limit.periods and len(periods) > limit.periods:
        yield _breach("periods", told, limit.periods, "")


def _breach(what: str, told: tuple[str, str, str, str, str], most: int, measure: str) -> Breach:
    version, since, source, person, kind = told
    return Breach(version, what, since, source, person, kind, measure, most + 1, most)
