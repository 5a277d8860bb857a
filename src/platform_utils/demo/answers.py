"""The answers of one sheet in one year, filled column by column from ``resources/demo/distributions.toml``.

Enters: rows, and what is answered already. Leaves: the same rows with more columns, each weight met exactly.
Rule: a variable or a sheet that the demo has no story for costs an entry in that file and no code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.demo.deal import apportion, deal, deal_several, seeded
from platform_utils.paths import resource
from platform_utils.spec.codebook import Variable, load
from platform_utils.spec.entries import require_known

_FILE = "demo/distributions.toml"
Mask = NDArray[np.bool_]
Codes = NDArray[np.object_]


class Answers(dict[str, Codes]):
    """Codes by column, all of the same length; ``""`` where nothing is answered.

    Columns that the form does not ask may stand here too, for others to hang on; `complete` drops them.
    """

    def __init__(self, year: int, columns: Mapping[str, Any] | pd.DataFrame, grain: str = "case") -> None:
        super().__init__({str(name): np.array(values, dtype=object) for name, values in columns.items()})
        self.year, self.grain = year, grain
        self.number = len(next(iter(self.values())))

    def all(self, code: str) -> Codes:
        """Return a column in which everybody has ``code``."""
        return np.full(self.number, code, dtype=object)

    def where(self, who: Mask, code: str, otherwise: str = "") -> Codes:
        """Return a column that says ``code`` for those in ``who``."""
        return np.where(who, code, otherwise).astype(object)

    def is_in(self, column: str, *codes: str) -> Mask:
        """Say who has one of the codes."""
        return np.isin(self[column], codes)

    def who(self, among: str) -> Mask:
        """Return the rows of a group that ``distributions.toml`` names."""
        return self._all_of(distributions()["among"][among])

    def asked(self, variable: Variable) -> Mask:
        """Return the rows that the codebook asks a variable of."""
        return self._all_of({name: [code] for name, code in variable.asked_if.items()})

    def meet(
        self, variable: str, counts: Mapping[str, int], rng: np.random.Generator, prefer: Mapping[str, Mask]
    ) -> None:
        """Deal a margin that is met exactly out to the directly exploited."""
        direct = self.who("direct")
        column = self.setdefault(variable, self.all(""))
        column[direct] = deal(counts, rng, {code: wanted[direct] for code, wanted in prefer.items()})

    def fill(
        self, variable: str, among: str, rng: np.random.Generator, prefer: Mapping[str, Mask] | None = None
    ) -> None:
        """Deal a variable out by its weights to a group; the rest stay as they are."""
        column = self.setdefault(variable, self.all(""))
        weights, who = weights_for(variable, among, self.year), self.who(among)
        if weights is not None and who.any():
            chosen = {code: wanted[who] for code, wanted in (prefer or {}).items()}
            column[who] = deal(apportion(int(who.sum()), weights), rng, chosen)

    def fill_several(
        self, variable: str, among: str, rng: np.random.Generator, *, everyone: bool = False
    ) -> None:
        """Deal a multi-select variable out by its shares to a group; all others answer no."""
        shares = weights_for(variable, among, self.year)
        if shares is not None:
            self._share(variable, shares, self.who(among), rng, everyone=everyone)

    def place(self, variable: str, columns: Mapping[str, Codes], who: Mask) -> None:
        """Enter yes/no columns of a multi-select variable for those in ``who``; all others answer no."""
        for code in load().codes(load().variable(variable, self.grain)):
            column = self.setdefault(f"{variable}__{code.code}", self.all("no"))
            if code.code in columns:
                column[who] = columns[code.code]

    def fill_own(self, entry: Mapping[str, Any], seed: int) -> None:
        """Fill a variable by its own entry, from a generator of its own: no other variable changes."""
        variable = _variable(entry)
        who = self.who(entry["among"]) if "among" in entry else self.asked(variable)
        rng = seeded(seed, self.year, self.grain, variable.name)
        if variable.kind == "multi":
            self._share(variable.name, entry["of"], who, rng)
            return
        column = self.setdefault(variable.name, self.all(""))
        number = int(who.sum())
        if "of" in entry:
            column[who] = deal(apportion(number, entry["of"]), rng)
        else:
            low, high = entry.get("between", (variable.minimum or 0, variable.maximum or 0))
            column[who] = rng.integers(low, high, number, endpoint=True).astype(str)
        column[who & (rng.random(self.number) * 100 < entry.get("blank", 0))] = ""

    def _share(
        self, variable: str, shares: Mapping[str, int], who: Mask, rng: np.random.Generator,
        *, everyone: bool = False,
    ) -> None:  # fmt: skip
        number = int(who.sum())
        counts = {code: round(number * share / 100) for code, share in shares.items()}
        if everyone:
            counts[next(iter(counts))] += max(0, number - sum(counts.values()))
        self.place(variable, deal_several(counts, number, rng, everyone=everyone), who)

    def _all_of(self, needed: Mapping[str, Sequence[str]]) -> Mask:
        masks = [self.is_in(column, *codes) for column, codes in needed.items()]
        return np.logical_and.reduce([np.ones(self.number, dtype=bool), *masks])


def complete(answers: Answers, seed: int) -> pd.DataFrame:
    """Return a sheet as the form of the year asks it, with the variables that have an entry of their own.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        ``member_id`` and the columns of the sheet, as codes or numbers written as text.
    """
    for entry in distributions()["variable"]:
        if _is_of(entry, answers.grain, answers.year):
            answers.fill_own(entry, seed)
    columns = ["member_id", *load().grain_columns(answers.grain, answers.year)]
    table = pd.DataFrame(answers).reindex(columns=columns, fill_value="")
    return table.replace("blank", "").astype("str")


def make_rows(grain: str, tables: Mapping[str, pd.DataFrame], year: int, seed: int) -> pd.DataFrame:
    """Return the rows of a sheet that the demo has no story for: so many for each row of another sheet.

    A code that both sheets have (``person_code``) is taken over from there; another one is a running number.
    """
    codes = [v.name for v in load().of_grain(grain, year) if v.kind == "text_code"]
    rows = Answers(year, dict.fromkeys(["member_id", *codes], ()), grain)
    for entry in distributions()["rows"]:
        if _is_of(entry, grain, year):
            above = Answers(year, tables[entry["per"]], entry["per"])
            who = above.who(entry.get("among", "everyone"))
            chances = apportion(int(who.sum()), entry["of"])
            times = deal(chances, seeded(seed, year, grain, "rows")).astype(int)
            shared = [name for name in ("member_id", *codes) if name in above]
            rows = Answers(year, {name: np.repeat(above[name][who], times) for name in shared}, grain)
    for name in codes:
        rows.setdefault(
            name, np.array([f"{number:04d}" for number in range(1, rows.number + 1)], dtype=object)
        )
    return complete(rows, seed)


def weights_for(variable: str, among: str, year: int) -> Mapping[str, int] | None:
    """Return the weights (or, for multi-select, the shares) of a variable, None if it has none that year."""
    for entry in distributions()["weights"]:
        if (entry["variable"], entry["among"]) == (variable, among) and _is_of(entry, "case", year):
            return entry["of"]
    return None


def has_own_entry(column: str, grain: str) -> bool:
    """Say whether a column is filled by an entry of its own, so that its spelling needs a generator too."""
    name = column.partition("__")[0]
    return any(
        (entry["variable"], entry.get("grain", "case")) == (name, grain)
        for entry in distributions()["variable"]
    )


@cache
def distributions() -> dict[str, Any]:
    """Return ``distributions.toml``.

    Raises
    ------
    SettingsError
        E-010 if an entry names a variable, a code or a group that does not exist.
    """
    text = resource("demo", "distributions.toml").read_text(encoding="utf-8")
    said: dict[str, Any] = {"variable": [], "rows": []} | tomllib.loads(text)
    for entry in (*said["weights"], *said["variable"], *said["rows"]):
        require_known([entry["among"]] if "among" in entry else [], said["among"], _FILE, "among")
    for entry in (*said["weights"], *said["variable"]):
        variable = _variable(entry)
        codes = {code.code for code in load().codes(variable)} | {"unknown", "blank"}
        require_known(() if variable.is_number else entry.get("of", ()), codes, _FILE, variable.name)
    return said


def _variable(entry: Mapping[str, Any]) -> Variable:
    known = {variable.name: variable for variable in load().of_grain(entry.get("grain", "case"))}
    require_known([entry["variable"]], known, _FILE, "variable")
    return known[entry["variable"]]


def _is_of(entry: Mapping[str, Any], grain: str, year: int) -> bool:
    first, last = entry.get("years", (year, year))
    return entry.get("grain", "case") == grain and first <= year <= last
