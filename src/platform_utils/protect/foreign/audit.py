"""The audit: the attacker on any published tables, and its answer in words.

Enters: described tables. Leaves: an answer that names tables and cells, and never a count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from platform_utils.errors import ContractError
from platform_utils.messages import label
from platform_utils.protect.attacker import (
    Finding,
    Group,
    Number,
    Seen,
    SeenTable,
    Target,
    World,
    attack,
    group_at,
    hidden_targets,
    put_together,
    strictest,
    true_targets,
)
from platform_utils.protect.foreign.described import Described
from platform_utils.protect.foreign.written import number_in
from platform_utils.protect.links import Links
from platform_utils.protect.merge import with_merged
from platform_utils.protect.rules import DisclosureRule
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL, codes_in

__all__ = ["Audit", "audit_tables", "printed_audit"]


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    findings : tuple of Finding
        One per count that is hidden, or that the rule hides.
    tables : mapping of str to SeenTable
        By name.
    hidden : int
        How many printed cells are hidden.
    """

    findings: tuple[Finding, ...]
    tables: Mapping[str, SeenTable]
    hidden: int

    @property
    def broken(self) -> tuple[Finding, ...]:
        """Findings for which the rule is broken."""
        return tuple(finding for finding in self.findings if finding.broken)


def audit_tables(
    described: Described, rule: DisclosureRule, *, insider: str | None = None, explain: bool = True
) -> Audit:
    """Attack published tables; a merged code such as ``a+b`` is tied to the rows it stands for.

    Parameters
    ----------
    described : Described
        From `read_described`. Options of its ``[audit]``: ``zeros_always_printed`` (a hidden count is at
        least 1), ``only_small_hidden`` (nothing but small counts is ever hidden).
    insider : str, optional
        A member whose own rows (``contributors`` of each table) the reader knows: what it learns of others
        is asked by class; from how many persons a code is named is asked without an insider.
    explain : bool
        Name the published numbers that give a count away.

    Raises
    ------
    ContractError
        E-401, E-402, E-404 for bad tables; E-408 for a breakdown that is never released; E-440 if the
        numbers contradict each other; E-442 if no table says what the insider contributed.
    """
    hides = {}
    largest = 1
    for table in described.tables:
        refused = sorted(rule.refused_dimensions & set(table.dimensions))
        if refused:
            raise ContractError("E-408", table=table.name, name=refused[0], expected="police_region")
        limits = rule.class_of(str(table.said.get("class", "A")), table.dimensions)
        named_from = [rule.minimum_by_dimension.get(d, 0) for d in table.dimensions]
        hides[table.name] = tuple(range(1, limits.min_released))
        largest = max(largest, limits.min_released - 1, *(least - 1 for least in named_from))
    low = 1 if described.options.get("zeros_always_printed") else 0
    high = largest if described.options.get("only_small_hidden") else None
    seen = {table.name: table.seen(Seen(low, high)) for table in described.tables}
    described = replace(described, links=with_merged(described.links, seen.values()))
    links = described.links
    own = _own_rows(described, seen, insider) if insider is not None else None
    world = put_together(list(seen.values()), links, own_rows=own)
    truth = _truth(described, seen)
    passing = rule.open_units | rule.sum_units  # members and kronor: no count of people to hide
    asked = [seen[table.name] for table in described.tables if table.universe.unit not in passing]
    if truth:
        targets = true_targets(world, asked, hides, links, truth)
    else:
        targets = hidden_targets(world, asked, hides, links) + _shown_small(world, asked, hides, links)
    targets = [t for t in targets if t.outside or not rule.is_open(seen[t.name].dimensions, t.codes)]
    if own is None:
        targets = strictest([*targets, *_named_from(world, asked, rule, links, truth)])
    else:
        targets = [_others(target, world, own) for target in targets]
    findings = attack(world, targets, explain=explain)
    hidden = sum(not one.is_exact for table in seen.values() for one in table.cells.values())
    return Audit(tuple(findings), seen, hidden)


def printed_audit(audit: Audit, lang: str) -> list[str]:
    """Return the answer as lines of text: tables and cells by name, never a count."""
    broken = audit.broken
    exact = sum(finding.exact for finding in broken)
    narrowed = [f for f in audit.findings if not f.broken and len(f.possible) < len(f.target.hidden_values)]
    lines = [
        label("L-audit-counts", lang, tables=len(audit.tables), hidden=audit.hidden),
        label("L-audit-broken", lang, broken=len(broken), exact=exact)
        if broken
        else label("L-audit-safe", lang),
    ]
    for finding in broken:
        key = "L-audit-exact" if finding.exact else "L-audit-narrowed"
        target = finding.target
        cell = _cell(audit.tables[target.name], target.codes, lang)
        where = label("L-audit-outside", lang, cell=cell) if target.outside else cell
        lines.append(label(key, lang, table=target.name, cell=where))
        lines += [f"    · {_number(audit, number, lang)}" for number in finding.exposed_by]
    if narrowed:
        lines.append(label("L-audit-open", lang, number=len(narrowed)))
    lines.append(label("L-audit-unchecked", lang))
    return lines


def _named_from(
    world: World, tables: Sequence[SeenTable], rule: DisclosureRule, links: Links, truth: Mapping[Group, int]
) -> list[Target]:
    """Return the counts of codes that are named only from so many persons, hidden or too small."""
    found = []
    for table in tables:
        for codes, one in table.cells.items():
            named = [d for d, code in zip(table.dimensions, codes, strict=True) if code != TOTAL]
            least = rule.minimum_by_dimension.get(named[0], 0) if len(named) == 1 else 0
            if least < 2 or rule.is_open(table.dimensions, codes):
                continue
            group = group_at(table, codes, links)
            hidden = tuple(range(1, least))
            known = truth.get(group)
            asked = known if truth else (one.low if one.is_exact else None)
            if asked in hidden or (not truth and asked is None):
                found.append(Target(table.name, codes, ((world.index[group], 1),), hidden, known))
    return found


def _others(target: Target, world: World, own: Mapping[Group, int]) -> Target:
    """Return a target as an insider sees it: what the rule hides is the count of all others."""
    mine = sum(weight * own.get(world.groups[group], 0) for group, weight in target.expression)
    return replace(target, hidden_values=tuple(mine + value for value in target.hidden_values))


def _shown_small(
    world: World, seen: Sequence[SeenTable], hides: Mapping[str, tuple[int, ...]], links: Links
) -> list[Target]:
    """Return the small counts that stand there for all to read."""
    return [
        Target(table.name, codes, ((world.index[group_at(table, codes, links)], 1),), hides[table.name])
        for table in seen
        for codes, one in table.cells.items()
        if one.is_exact and one.low in hides[table.name] and not set(SPECIAL_CODES) & set(codes)
    ]


def _own_rows(described: Described, seen: Mapping[str, SeenTable], insider: str) -> dict[Group, int]:
    own: dict[Group, int] = {}
    found = False
    for table in described.tables:
        one, behind = seen[table.name], table.contributors
        if behind is None:
            continue
        mine = behind[behind["member_id"] == insider]
        found |= bool(len(mine))
        for cell in one.cells:
            own.setdefault(group_at(one, cell, described.links), 0)
        for at, count in zip(codes_in(mine, table.dimensions), mine["count"].tolist(), strict=True):
            own[group_at(one, at, described.links)] = int(count)
    if not found:
        raise ContractError("E-442")
    return own


def _truth(described: Described, seen: Mapping[str, SeenTable]) -> dict[Group, int]:
    """Return the true counts that the tables say; none if they say none."""
    truth: dict[Group, int] = {}
    for table in described.tables:
        for codes, text in zip(table.codes(), table.frame["true_count"].tolist(), strict=True):
            number = None if text is None else number_in(text, "true_count")
            if number is not None:
                truth[group_at(seen[table.name], codes, described.links)] = int(number)
    return truth


def _cell(table: SeenTable, codes: Sequence[str], lang: str) -> str:
    total = label("L-audit-total", lang)
    named = [f"{d} = {total if c == TOTAL else c}" for d, c in zip(table.dimensions, codes, strict=False)]
    return ", ".join(named) if named else total


def _number(audit: Audit, number: Number, lang: str) -> str:
    table = audit.tables.get(number.table.removesuffix(" (%)"))
    return number.table if table is None else f"{number.table}: {_cell(table, number.codes, lang)}"
