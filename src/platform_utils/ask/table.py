"""A table that was asked for, as people read it and as a program does, and what may be said of two numbers.

Enters: tidy rows behind the gate. Leaves: Markdown, a frame, a figure; comparisons from released counts
only. What depends on a hidden number is an object that says why, so that a rerun never dies of protection.
"""

from __future__ import annotations

import re
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd

from platform_utils.ask.question import Question, require, several
from platform_utils.errors import UsageError
from platform_utils.messages import has_text, label, say
from platform_utils.pilot import intervals
from platform_utils.pilot.results import TwoGroups
from platform_utils.publish.inline import Shown, whole
from platform_utils.publish.table import markdown_table
from platform_utils.publish.words import code_label, population_of, variable_label
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.counts import TOTAL
from platform_utils.spec.layout import is_merged
from platform_utils.spec.plan import load_plan
from platform_utils.spec.safe import HIDDEN

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Headed(pd.DataFrame):
    """A frame with headings in the reader's language; programs call its columns by name."""

    @classmethod
    def of(cls, frame: pd.DataFrame, lang: str, **more: str) -> Headed:
        """Return a frame with the headings of its columns, and ``more`` of its own."""
        made = cls(frame)
        keys = {c: f"head_{c}" for c in frame if has_text("ask", f"head_{c}")}
        made.attrs["headings"] = {**more, **{c: say("ask", key, lang) for c, key in keys.items()}}
        return made

    @property
    def _constructor(self) -> type[Headed]:
        return Headed

    def _read(self) -> pd.DataFrame:
        shown = pd.DataFrame(self).astype(object).where(self.notna(), "–")
        return shown.rename(columns=self.attrs.get("headings", {}))

    def _repr_html_(self) -> str:
        return str(self._read().to_html(index=False, border=0))

    def __repr__(self) -> str:
        return self._read().to_string(index=False)


class NoComparison(Shown):
    """Stands where two numbers cannot be compared, and prints why."""

    def __bool__(self) -> bool:
        return False


class AskedTable:
    """One answered question.

    Attributes
    ----------
    frame : DataFrame
        ``year``, ``population``, a column of codes per variable (``"total"`` is a margin),
        ``person_count``, ``mark``, ``share`` (whole per cent of the year's total, of the column where two
        variables are crossed), ``table``, ``source``, ``edition``.
    """

    def __init__(self, question: Question, tidy: pd.DataFrame, lang: str) -> None:
        self.question, self.lang = question, lang
        codes = {f"code_{place}": name for place, name in enumerate(question.dimensions, start=1)}
        order = ["year", "population", *codes.values(), "person_count", "mark", "share"]
        self.frame = tidy.rename(columns=codes)[[*order, "table", "source", "edition"]]

    @property
    def title(self) -> str:
        """What is counted, by what, in whom, and when."""
        labels = [variable_label(name, self.lang) for name in self.question.dimensions]
        what = " × ".join(labels) or say("ask", "persons", self.lang)
        who, years = population_of(self.question.population, self.lang), self.question.years
        span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
        return say("ask", "title", self.lang, what=what, who=who[:1].upper() + who[1:], years=span)

    def count(self, year: int, *codes: str) -> int | None:
        """Return a released count; None if it is hidden, merged with others, or was not asked."""
        same = self.frame["year"].eq(year)
        for name, code in zip(self.question.dimensions, (*codes, TOTAL, TOTAL), strict=False):
            same &= self.frame[name].eq(code)
        found = self.frame.loc[same, "person_count"].dropna()
        return int(found.iloc[0]) if len(found) else None

    def figure(self) -> Axes:
        """Draw it: lines over the years, else bars; hidden numbers are left out and named so."""
        import seaborn as sns

        data = self.frame
        for name in self.question.dimensions:
            data = data[data[name] != TOTAL].assign(
                **{name: data[name].map(lambda c, d=name: code_label(d, c, self.lang))}
            )
        number, year = say("ask", "number", self.lang), say("ask", "year", self.lang)
        said = {name: variable_label(name, self.lang) for name in self.question.dimensions}
        drawn = data.rename(columns={"person_count": number, "year": year, **said}).astype(
            {number: "float64"}
        )
        first, second, *_ = (*said.values(), None, None)
        if len(self.question.years) > 1:
            axes = sns.lineplot(drawn, x=year, y=number, hue=first, style=second, marker="o", errorbar=None)
            axes.set_xticks(list(self.question.years))
        else:
            axes = sns.barplot(drawn, y=first or year, x=number, hue=second, errorbar=None)
        hidden = int(data["mark"].eq("..").sum())
        title = self.title + (say("ask", "hidden", self.lang, number=hidden) if hidden else "")
        axes.set_title("\n".join(wrap(title, 60)), loc="left")
        if axes.get_legend():
            sns.move_legend(axes, "upper left", bbox_to_anchor=(1.02, 1), frameon=False)
        return axes

    def require_code(self, code: str, key: str, place: int = 0) -> None:
        """Refuse a code that the codebook does not have (E-870); hidden and merged ones are known."""
        name = self.question.dimensions[place] if self.question.dimensions else ""
        codes = [*load_plan().codes(name, "case"), *SPECIAL_CODES] if name else []
        known = {one: code_label(name, one, self.lang) for one in [*codes, TOTAL]}
        if not (isinstance(code, str) and is_merged(code)):
            require(code, known, key)

    def _repr_markdown_(self) -> str:
        heading, body = self._grid()
        table = markdown_table(heading, body)
        return "\n\n".join([f"**{self.title}**", table, *self._notes()]) + "\n"

    def _repr_html_(self) -> str:
        heading, body = self._grid()
        table = pd.DataFrame(body, columns=heading).to_html(index=False, border=0)
        title, *notes = (escape(text) for text in (f"**{self.title}**", *self._notes()))
        said = "\n".join(f"<p>{text}</p>" for text in (title, "{table}", *notes))
        said = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", re.sub("`(.+?)`", r"<code>\1</code>", said))
        return said.replace("<p>{table}</p>", str(table))

    def _notes(self) -> list[str]:
        edition, source = self.frame["edition"].iloc[0], self.frame["source"].iloc[0]
        kind = edition if edition in ("draft", "invented") else "answer"
        notes = [say("ask", "legend", self.lang), say("ask", f"from_{kind}", self.lang)]
        notes += [f"**{label('L-mark-demo', self.lang)}**"] if source == "demo" and kind != "invented" else []
        return notes

    def __repr__(self) -> str:
        heading, body = self._grid()
        return "\n".join([self.title, *("  ".join(row) for row in [heading, *body])])

    def _grid(self) -> tuple[list[str], list[list[str]]]:
        """Rows are codes of the last variable but one, columns the years or the codes of the last one."""
        names = self.question.dimensions
        rows: dict[tuple[str, ...], dict[str, str]] = {}
        for line in self.frame.to_dict("records"):
            codes = [line[name] for name in names]
            across = codes.pop() if len(names) > 1 else str(line["year"])
            place = (str(line["year"]), *codes) if len(names) > 1 else tuple(codes)
            number = None if pd.isna(line["person_count"]) else int(line["person_count"])
            shown = "." if line["mark"] == "." else whole(number, self.lang)
            rows.setdefault(place, {})[across] = shown
        columns = sorted(dict.fromkeys(each for row in rows.values() for each in row), key=_how_late)
        year = [say("ask", "year", self.lang)] if len(names) > 1 else []
        across = [code_label(names[1], code, self.lang) for code in columns] if len(names) > 1 else columns
        heading = [*year, *(variable_label(name, self.lang) for name in names[:1]), *across]
        body = []
        for place in sorted(rows, key=lambda one: (one[: len(year)], *map(_how_late, one[len(year) :]))):
            codes = [code_label(names[0], code, self.lang) for code in place[len(year) :]]
            body.append([*place[: len(year)], *codes, *(rows[place].get(each, "–") for each in columns)])
        return heading, body


def _how_late(code: str) -> int:
    """Answers first, then what is no answer, the total last, also where a code came in a later year."""
    return 2 if code == TOTAL else code in SPECIAL_CODES


def compare(table: AskedTable, of: str, between: tuple[str, str]) -> pd.DataFrame | NoComparison:
    """Return the shares of two groups and their difference by year; where a number is hidden, the mark."""
    if len(table.question.dimensions) < 2 or len(set(map(str, several(between)))) != 2:
        raise UsageError("E-888")
    table.require_code(of, "of")
    for group in between:
        table.require_code(group, "between", 1)
    lines = [_compared(table, year, of, between) for year in table.question.years]
    if not any(lines):
        return NoComparison(say("ask", "no_difference", table.lang))
    names = next(list(line) for line in lines if line)
    frame = pd.DataFrame(
        [
            {"year": year, **(line or dict.fromkeys(names)), "mark": "" if line else HIDDEN}
            for year, line in zip(table.question.years, lines, strict=True)
        ]
    )
    groups = {group: code_label(table.question.dimensions[1], group, table.lang) for group in between}
    shares = {
        f"share_{group}": say("ask", "of_group", table.lang, group=said) for group, said in groups.items()
    }
    whole_numbers = frame.astype(dict.fromkeys(names, "Int64"))
    return Headed.of(whole_numbers.assign(assumes=say("ask", "assumes", table.lang)), table.lang, **shares)


def _compared(table: AskedTable, year: int, of: str, between: tuple[str, str]) -> dict[str, int]:
    numbers = [table.count(year, code, group) for group in between for code in (of, TOTAL)]
    first, n_first, second, n_second = (number or 0 for number in numbers)
    if None in numbers or not (n_first and n_second):
        return {}
    found = intervals.newcombe(TwoGroups(first, n_first, second, n_second))
    shares = zip((f"share_{group}" for group in between), (first / n_first, second / n_second), strict=True)
    points = {**dict(shares), "difference": found.value, "lower": found.lower, "upper": found.upper}
    return {name: round(100 * value) for name, value in points.items()}


def follow(table: AskedTable, of: str) -> pd.DataFrame | NoComparison:
    """Return the share by year since the last break of the base; where a number is hidden, the mark."""
    table.require_code(of, "of")
    first, *_, last = (*table.question.years, table.question.years[-1])
    broken = [one for one in load_plan().breaks if first < one.year <= last]
    since = broken[-1].year if broken else first
    lines = []
    for year in (each for each in table.question.years if each >= since):
        number, base = table.count(year, of), table.count(year)
        share = round(100 * number / base) if number is not None and base else None
        lines.append({"year": year, "person_count": number, "of": base, "share": share})
    frame = pd.DataFrame(lines).astype("Int64")
    if not frame["share"].notna().any():
        return NoComparison(say("ask", "no_trend", table.lang))
    said = broken[-1].label(table.lang) if broken else say("ask", "no_break", table.lang)
    marks = ["" if known else HIDDEN for known in frame["share"].notna()]
    return Headed.of(frame.assign(mark=marks, base=said), table.lang)
