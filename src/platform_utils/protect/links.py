"""How groups of people hang together beyond one table: trees of codes, combined variables, universes.

Enters: the codebook and the table plan's universes. Leaves: links, as data. What is not declared here
gives no equation: two universes without a link are taken as unknown to each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import permutations, product

from platform_utils.protect.cells import Cell
from platform_utils.spec import grains
from platform_utils.spec.codebook import Codebook, Derived, Variable, load
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.form_columns import replaced
from platform_utils.spec.plan import load_plan

_WIDEST = {"case": "all", "side": "moved"}
"""The population of a grain that others of it are marked in."""

_OF_ALL = {"all": "yes", "none": "no"}
"""Whether somebody has what an answer gives all of, or none, to a number."""

Pair = tuple[str, str]
"""A dimension and a code of it."""


@dataclass(frozen=True)
class Refinement:
    """Every code of a fine dimension lies in one code of a coarse dimension.

    Attributes
    ----------
    fine, coarse : str
        Dimensions; the same name for a tree inside one dimension.
    parent_of : mapping of str to str
        Coarse code of each fine code.
    nested : bool
        For a tree inside one dimension: True where codes and their parents stand in the same table.
    exact : bool
        False where a coarse code may hold more than its fine codes: people whose fine code is not known.
    """

    fine: str
    coarse: str
    parent_of: Mapping[str, str]
    nested: bool = False
    exact: bool = True


@dataclass(frozen=True)
class Combination:
    """A dimension whose codes are pairs of codes of two others (``girl`` is woman and child).

    Attributes
    ----------
    means : mapping of str to tuple of (str, str)
        The conditions of each combined code that has an exact meaning.
    """

    dimension: str
    means: Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Nested:
    """A universe inside another.

    Attributes
    ----------
    within : str
        Key of the wider universe.
    where : mapping of str to str
        What marks its members there, and nobody else.
    """

    within: str
    where: Mapping[str, str]


@dataclass(frozen=True)
class Links:
    """All that is known about how cells of different tables hang together.

    Attributes
    ----------
    universes : mapping of str to Nested
        By key of the narrower universe.
    implied : mapping of (str, str) to tuple of (str, str)
        What a code says of other dimensions: whoever has it has these codes too.
    counted : mapping of (str, str) to Cell
        What there is at least one of for everybody with a code, in the unit of its universe; for everybody in
        a universe under ``(universe, "")``.
    """

    refinements: tuple[Refinement, ...] = ()
    combinations: tuple[Combination, ...] = ()
    universes: Mapping[str, Nested] = field(default_factory=dict)
    implied: Mapping[Pair, tuple[Pair, ...]] = field(default_factory=dict)
    counted: Mapping[Pair, Cell] = field(default_factory=dict)

    def says(self, codes: Iterable[Pair]) -> frozenset[Pair]:
        """Return these codes and all that they say: their parents, what they are derived to, what they imply.

        Examples
        --------
        >>> sorted(Links((Refinement("age", "is_child", {"0_5": "yes"}),)).says([("is_child", "yes")]))
        [('age', '0_5'), ('is_child', 'yes')]
        """
        return frozenset().union(*(self._said.get(pair, {pair}) for pair in codes))

    @cached_property
    def _said(self) -> Mapping[Pair, set[Pair]]:
        """What each code says, itself included; a coarse code says what all of its fine ones do."""
        said = {pair: {pair, *others} for pair, others in self.implied.items()}
        inside: list[tuple[Pair, list[Pair]]] = []
        for one in self.refinements:
            wholes: dict[Pair, list[Pair]] = {}
            for code, parent in one.parent_of.items():
                if (one.fine, code) != (one.coarse, parent):
                    fine, coarse = (one.fine, code), (one.coarse, parent)
                    said.setdefault(fine, {fine}).add(coarse)
                    wholes.setdefault(coarse, []).append(fine)
            if one.exact:
                inside += wholes.items()
        size = 0
        while size < (size := sum(map(len, said.values()))):
            for whole, parts in inside:
                common = set.intersection(*(said[part] for part in parts))
                said.setdefault(whole, {whole}).update(common)
            for known in said.values():
                known.update(*(said.get(pair, ()) for pair in tuple(known)))
        return said

    def canonical(self, cell: Cell) -> Cell:
        """Return the one name of a cell: combined codes taken apart, marked universes widened."""
        root, marks = self.root_of(cell.universe)
        codes = set(cell.codes) | marks
        for combination in self.combinations:
            for dimension, code in cell.codes:
                if dimension == combination.dimension and code in combination.means:
                    codes.discard((dimension, code))
                    codes |= set(combination.means[code])
        return Cell(root, cell.year, tuple(sorted(codes)))

    def sums(self, dimension: str, codes: Collection[str]) -> list[tuple[str, list[str]]]:
        """Return what adds up among ``codes`` that stand in one line: each whole with its parts.

        Each tree of the dimension is a way of adding up of its own; ``"total"`` is the margin.

        Examples
        --------
        >>> by_region = Refinement("area", "area", {"n1": "n", "n2": "n"}, nested=True)
        >>> by_type = Refinement("area", "area", {"n1": "town", "n2": "land", "s": "land"}, nested=True)
        >>> Links((by_region,)).sums("area", ["n1", "n2", "n", "s"])
        [('n', ['n1', 'n2']), ('total', ['n', 's'])]
        >>> Links((by_region, by_type)).sums("area", ["n1", "n2", "n", "s", "town", "land"])[-2:]
        [('total', ['n', 's']), ('total', ['town', 'land'])]
        """
        trees = [r.parent_of for r in self.refinements if r.nested and r.fine == r.coarse == dimension]
        found: list[tuple[str, list[str]]] = []
        below: dict[str, set[str]] = {}
        for tree in trees:
            parts: dict[str, list[str]] = {}
            for code, whole in tree.items():
                if code != whole:
                    below.setdefault(whole, set()).add(code)
            for code in codes:
                whole = tree.get(code, code)
                while whole not in codes and tree.get(whole, whole) != whole:
                    whole = tree[whole]
                if whole in codes and whole != code:
                    parts.setdefault(whole, []).append(code)
            found += parts.items()
        leaves = {code: _leaves_below(code, below) for code in codes}
        everybody = set().union(*leaves.values())
        margin = []
        for tree in trees or [{}]:
            own = {*tree, *tree.values()}
            taken: list[str] = []
            covered: set[str] = set()
            # the widest codes of the tree first; then, widest first, whoever is in none of those
            for code in sorted(codes, key=lambda code: (code not in own, -len(leaves[code]), code in tree)):
                if not leaves[code] & covered:
                    taken.append(code)
                    covered |= leaves[code]
            line = (TOTAL, [code for code in codes if code in taken])
            if covered == everybody and line not in margin:
                margin.append(line)
        return [*found, *margin]

    def groups(self, refinement: Refinement, codes: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the coarse codes that are made up of ``codes``, each with those it is made of.

        A merged code that lies partly inside a coarse one says nothing about it, if the coarse one must be
        made up exactly; else it is left out.
        """
        fine, coarse = refinement.fine, refinement.coarse
        below: dict[str, set[str]] = {}
        for other in self.refinements:
            if other.fine == other.coarse == fine and not other.nested:
                for code, parent in other.parent_of.items():
                    if code != parent:
                        below.setdefault(parent, set()).add(code)
        parents = set(refinement.parent_of.values())
        covers = {code: _leaves(code, below, codes) for code in codes}
        inside: dict[str, set[str]] = {}
        for code in {leaf for leaves in covers.values() for leaf in leaves} | set(refinement.parent_of):
            inside.setdefault(refinement.parent_of.get(code, code), set()).add(code)
        found = {}
        for parent, members in sorted(inside.items()):
            if (fine == coarse and parent in codes) or (not refinement.exact and parent not in parents):
                continue
            whole = tuple(code for code in codes if covers[code] <= members)
            partly = any(covers[code] & members and not covers[code] <= members for code in codes)
            if whole and not (partly and refinement.exact):
                found[parent] = whole
        return found

    def root_of(self, universe: str) -> tuple[str, frozenset[tuple[str, str]]]:
        """Return the widest universe that this one is marked in, and what marks it there."""
        name, _, unit = universe.partition(":")
        marks: set[tuple[str, str]] = set()
        while (nested := self.universes.get(name)) is not None:
            marks |= set(nested.where.items())
            name = nested.within
        return (f"{name}:{unit}" if unit else name), frozenset(marks)


def _leaves_below(code: str, below: Mapping[str, set[str]]) -> set[str]:
    return {leaf for part in below.get(code, ()) for leaf in _leaves_below(part, below)} or {code}


def _leaves(code: str, below: Mapping[str, set[str]], codes: Collection[str]) -> set[str]:
    """Return the finest codes that a code of a table stands for."""
    children = below.get(code, set())
    if not children or children & set(codes):
        return {code}
    return {code} | {leaf for child in children for leaf in _leaves(child, below, codes)}


@cache
def packaged_links(year: int) -> Links:
    """Return the links that the codebook and the disclosure rules declare for a support year."""
    book = load()
    universes = {
        name: Nested(_WIDEST[population.grain], population.where)
        for name, population in load_plan().populations.items()
        if population.where and population.grain in _WIDEST
    }
    refinements, combinations = [], []
    for derived in book.derived:
        if derived.by == "map":
            refinements.append(Refinement(derived.sources[0], derived.name, dict(derived.mapping)))
        elif derived.by == "parent":
            codes = book.codes(book.variable(derived.sources[0]))
            refinements.append(
                Refinement(derived.sources[0], derived.name, {c.code: c.parent_in(year) for c in codes})
            )
        else:
            first, second = derived.sources
            means = {
                code: tuple(sorted((d, c) for d, c in ((first, one), (second, two)) if c != "*"))
                for one, two, code in derived.pairs
                if sum(row[2] == code for row in derived.pairs) == 1
            }
            combinations.append(Combination(derived.name, means))
    refinements += _through(book)
    every: list[Variable | Derived] = [*book.variables, *book.derived]
    for name, codes in sorted(book.lists.items()):
        # A parent that is itself an answer ("18 or older, band not given") is no sum of the others.
        answers = {c.code for c in codes}
        tree = {c.code: c.parent_in(year) for c in codes if c.parent and c.parent_in(year) not in answers}
        if tree:
            refinements += _wider_variables(name, tree, every, book)
            refinements += [
                Refinement(variable.name, variable.name, tree)
                for variable in every
                if variable.codes == name and getattr(variable, "kind", "code") != "multi"
            ]
    return Links(tuple(refinements), tuple(combinations), universes, _implied(book, year), _counted())


def _implied(book: Codebook, year: int) -> dict[Pair, tuple[Pair, ...]]:
    """Return what codes say of other variables: by declaration, or as their question is put."""
    said: dict[Pair, dict[Pair, None]] = {}

    def note(pair: Pair, other: Pair) -> None:
        said.setdefault(pair, {})[other] = None

    for one, code, other, implied in book.implied():
        note((one, code), (other, implied))
    some = {one.of: one.name for one in load_plan().computed.values() if one.of}
    for variable in book.of_grain(next(iter(grains.load()))):
        of_code = ["yes"] if variable.kind == "multi" else [code.code for code in book.codes(variable)]
        counted = {some[variable.none_if]: "yes"} if variable.none_if in some else {}
        for opened in {**variable.asked_if, **variable.open_if, **counted}.items():
            for pair in product(book.columns(variable), of_code):
                note(pair, opened)
        for code, denied in variable.never.items():
            for other, no in denied.items():
                if no == "no":
                    note((variable.name, code), (other, "yes"))
    for column, asking in replaced(year).items():
        for name, by in asking.items():
            for code, gives in by.items():
                if gives not in _OF_ALL:
                    note((name, code), (column, gives))
                elif column in some:
                    note((name, code), (some[column], _OF_ALL[gives]))
    for computed in load_plan().computed.values():
        if computed.part_of:
            note((computed.name, "yes"), (computed.part_of, "yes"))
            note((computed.part_of, "no"), (computed.name, "no"))
    return {pair: tuple(others) for pair, others in said.items()}


def _counted() -> dict[Pair, Cell]:
    """Return what of another unit there is at least one of for each person: a child, an intervention."""
    plan, found = load_plan(), dict[Pair, Cell]()
    columns: dict[str | None, tuple[str, tuple[Pair, ...]]] = {}
    for table in plan.tables:
        for split in (one for one in plan.computed.values() if one.split and one.name in table.dimensions):
            columns[table.measure.sum] = table.measure.unit, ()
            columns |= {f"{split.split}{c}": (table.measure.unit, ((split.name, c),)) for c in split.codes}
    for one in plan.computed.values():
        if one.of in columns:
            unit, codes = columns[one.of]
            found[one.name, "yes"] = Cell(f"{_WIDEST[one.grain]}:{unit}", 0, codes)
    rows = {t.measure.grain: t for t in plan.tables if not t.measure.sum and not t.measure.distinct}
    for table in plan.tables:
        if table.measure.distinct and table.measure.grain in rows:
            beside = rows[table.measure.grain]
            found[table.population.name, ""] = Cell(f"{beside.population.name}:{beside.measure.unit}", 0)
    return found


def _wider_variables(
    name: str, tree: Mapping[str, str], every: Sequence[Variable | Derived], book: Codebook
) -> list[Refinement]:
    """Return what everybody knows of a list whose parents are another variable's codes: a country's group."""
    parents = set(tree.values())
    holders = [
        one
        for one in every
        if isinstance(one, Variable) and parents <= {c.code for c in book.lists.get(one.codes or "", ())}
    ]
    return [
        Refinement(fine.name, coarse.name, dict(tree), exact=False)
        for coarse in holders
        for fine in every
        if fine.codes == name != coarse.codes and getattr(fine, "kind", "code") != "multi"
    ]


def _through(book: Codebook) -> list[Refinement]:
    """Return the links between two variables derived from one, where the code of one settles the other's."""
    found = []
    for fine, coarse in permutations((d for d in book.derived if d.by == "map"), 2):
        if fine.sources == coarse.sources:
            pairs = {(code, coarse.mapping.get(one, one)) for one, code in fine.mapping.items()}
            if len(pairs) == len({code for code, _ in pairs}):
                found.append(Refinement(fine.name, coarse.name, dict(sorted(pairs))))
    return found
