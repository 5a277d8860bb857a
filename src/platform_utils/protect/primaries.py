"""Which cells a rule hides for their own sake, and which values of each must stay possible.

Enters: the system and the rules. Leaves: primaries. What a reader must not be able to exclude is every
whole number that the rule hides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from platform_utils.protect.model import REST, System, TableCells
from platform_utils.protect.rules import ClassRule, DisclosureRule
from platform_utils.spec.counts import TOTAL, codes_in

__all__ = ["Primary", "find_primaries", "own_rows"]


@dataclass
class Primary:
    """A cell that is hidden for its own sake.

    Parameters
    ----------
    place : int
        In ``System.cells``.
    reasons : set of str
        ``small``, ``complement``, ``few_members``, ``one_member``, ``group``, ``edition``.
    values : set of int
        Counts that a reader must not be able to exclude.
    by_member : mapping of str to set of int
        The same for a reader inside one member, who knows that member's own rows.
    """

    place: int
    reasons: set[str] = field(default_factory=set)
    values: set[int] = field(default_factory=set)
    by_member: dict[str, set[int]] = field(default_factory=dict)


def find_primaries(
    system: System,
    rule: DisclosureRule,
    exempt: Collection[int] = (),
    decided: Collection[int] = (),
) -> dict[int, Primary]:
    """Return the primary cells of a system by place.

    Parameters
    ----------
    system : System
        Cells and values.
    rule : DisclosureRule
        Limits.
    exempt : collection of int
        Places that may be shown whatever the rule says.
    decided : collection of int
        Places where somebody has decided that 0 % or 100 % of a group may be shown.

    Returns
    -------
    dict of int to Primary
        In the order of the cells.
    """
    found: dict[int, Primary] = {}
    limits: dict[int, ClassRule] = {}
    own = own_rows(system, system.tables, rule)
    for entered in system.tables:
        if entered.table.universe.unit not in rule.protected_units:
            continue
        limit = rule.class_of(entered.table.disclosure_class, entered.table.dimensions)
        for place, codes in zip(entered.places, entered.codes, strict=True):
            if place not in limits or limit.min_released > limits[place].min_released:
                limits[place] = limit
            _small(system, found, entered, place, codes, limit, rule)
        _groups(system, found, entered, rule, set(exempt) | set(decided))
        if (limit.min_contributors > 1 or limit.min_without_largest) and _says_whose(entered):
            for place, codes in zip(entered.places, entered.codes, strict=True):
                if not rule.is_open(entered.table.dimensions, codes):
                    _members(system, found, place, limit, own)
    strictest = max((limit.min_released for limit in limits.values()), default=0)
    for rest in system.rests:
        touching = [r.parts for r in system.relations if rest in r.parts]
        near = [limits[p] for parts in touching for p in parts if p in limits]
        least = max((limit.min_released for limit in near), default=strictest)
        if 1 <= system.values[rest] < least:
            _note(found, rest, "complement", range(1, least))
        guarding = next((limit for limit in near if limit.min_without_largest), None)
        if guarding is not None:
            _members(system, found, rest, guarding, own)
    return {place: found[place] for place in sorted(found) if place not in exempt}


def own_rows(system: System, tables: Sequence[TableCells], rule: DisclosureRule) -> dict[str, dict[int, int]]:
    """Return how many of its own rows each member has in each cell, as far as ``tables`` say whose are whose.

    Parameters
    ----------
    system : System
        Cells and relations.
    tables : sequence of TableCells
        Protected tables; those without contributors say nothing.
    rule : DisclosureRule
        Knows which units are protected.

    Returns
    -------
    dict of str to dict of int to int
        By member and place, zeros included; the unprinted rest of a whole too, where all around it is told.
    """
    speaking = [t for t in tables if t.table.universe.unit in rule.protected_units and _says_whose(t)]
    own: dict[str, dict[int, int]] = {}
    for entered in speaking:
        for member in dict.fromkeys(entered.table.contributors["member_id"].astype("str")):  # type: ignore[index]
            own.setdefault(member, {})
    told = {place for entered in speaking for place in entered.places}
    for rows in own.values():
        rows.update(dict.fromkeys(sorted(told), 0))
    for entered in speaking:
        for member, place, count in _behind(entered):
            own[member][place] = count
    for relation in system.relations:
        unsaid = [part for part in relation.parts if part not in told]
        if len(unsaid) == 1 and relation.whole in told and _is_rest(system, unsaid[0]):
            others = [part for part in relation.parts if part != unsaid[0]]
            for rows in own.values():
                rows[unsaid[0]] = max(0, rows[relation.whole] - sum(rows[part] for part in others))
    return own


def _says_whose(entered: TableCells) -> bool:
    return entered.table.contributors is not None and len(entered.table.contributors) > 0


def _is_rest(system: System, place: int) -> bool:
    return any(dimension == REST for dimension, _ in system.cells[place].codes)


def _behind(entered: TableCells) -> Iterator[tuple[str, int, int]]:
    """Yield member, place and own rows of a table."""
    contributors = entered.table.contributors
    if contributors is None:
        return
    places = dict(zip(entered.codes, entered.places, strict=True))
    codes = codes_in(contributors, entered.table.dimensions)
    members = contributors["member_id"].astype("str").tolist()
    for at, member, count in zip(codes, members, contributors["count"].tolist(), strict=True):
        if at in places:
            yield member, places[at], int(count)


def _note(found: dict[int, Primary], place: int, reason: str, values: Collection[int]) -> None:
    primary = found.setdefault(place, Primary(place))
    primary.reasons.add(reason)
    primary.values |= set(values)


def _small(
    system: System,
    found: dict[int, Primary],
    entered: TableCells,
    place: int,
    codes: tuple[str, ...],
    limit: ClassRule,
    rule: DisclosureRule,
) -> None:
    if rule.is_open(entered.table.dimensions, codes):
        return
    least = limit.min_released
    named = [d for d, code in zip(entered.table.dimensions, codes, strict=True) if code != TOTAL]
    if len(named) == 1:
        least = max(least, rule.minimum_by_dimension.get(named[0], 0))
    if 1 <= system.values[place] < least:
        _note(found, place, "small", range(1, least))


def _groups(
    system: System, found: dict[int, Primary], entered: TableCells, rule: DisclosureRule, decided: set[int]
) -> None:
    """Where all or none of a group have a sensitive attribute, one of the zeros must stay open."""
    for at, dimension in enumerate(entered.table.dimensions):
        if dimension not in rule.sensitive:
            continue
        slices: dict[tuple[str, ...], dict[str, int]] = {}
        for codes, place in zip(entered.codes, entered.places, strict=True):
            slices.setdefault((*codes[:at], TOTAL, *codes[at + 1 :]), {})[codes[at]] = place
        for parts in slices.values():
            whole = parts.get(TOTAL)
            if whole is None or system.values[whole] == 0:
                continue
            known = {c: p for c, p in parts.items() if c != TOTAL and c not in rule.never_primary}
            present = [c for c, p in known.items() if system.values[p] > 0]
            if dimension in entered.multiple:
                # each code is a question of its own: none have it, or nobody is without it
                for place in known.values() if present else ():
                    count = system.values[place]
                    if count in (0, system.values[whole]) and place not in decided:
                        _note(found, place, "group", (1,) if count == 0 else (max(1, count - 1),))
                continue
            none_yes = "yes" in known and system.values[known["yes"]] == 0 and present
            if (len(present) != 1 and not none_yes) or any(p in decided for p in known.values()):
                continue
            zeros = [p for c, p in sorted(known.items()) if system.values[p] == 0]
            guarded = [known["yes"]] if none_yes else zeros[:1]
            if (
                len(present) == 1
                and system.values[known[present[0]]] != system.values[whole]
                and not none_yes
            ):
                continue
            for place in guarded:
                _note(found, place, "group", (1,))


def _members(
    system: System,
    found: dict[int, Primary],
    place: int,
    limit: ClassRule,
    own: Mapping[str, Mapping[int, int]],
) -> None:
    """Guard a count behind which too few members stand, or that leaves too few beside one member's own."""
    count = system.values[place]
    shares = {member: rows[place] for member, rows in own.items() if rows.get(place, 0) > 0}
    if count == 0 or not shares:
        return
    if len(shares) < limit.min_contributors:
        _note(found, place, "few_members", {max(1, count - 1), count, count + 1})
    left = {member: count - rows for member, rows in shares.items()}
    if any(1 <= rest < limit.min_without_largest for rest in left.values()):
        _note(found, place, "one_member", {max(1, count - 1), count, count + 1})
    if place in found:
        for member, rows in shares.items():
            if 1 <= left[member] < limit.min_without_largest:
                hidden = range(rows + 1, rows + limit.min_without_largest)
                found[place].by_member.setdefault(member, set()).update(hidden)
