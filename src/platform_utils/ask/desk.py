"""Where questions are put: the same three lines at the desk, at home and years later.

Enters: questions. Leaves: tables behind the gate, from invented persons, from the workspace's own rows
(drafts, for whoever works there), or from an answer that has been handed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from platform_utils import count, protect
from platform_utils.ask.collect import about_of, note, request_of, watch
from platform_utils.ask.invented import invented_year
from platform_utils.ask.question import Question
from platform_utils.ask.table import AskedTable, Headed, NoComparison, compare, follow
from platform_utils.config import answer_file, load_settings
from platform_utils.errors import PlatformError, UsageError
from platform_utils.messages import say
from platform_utils.paths import Workspace, write_whole
from platform_utils.publish.words import population_of, variable_label
from platform_utils.requests import IDENTIFIER, countable, protected_tables
from platform_utils.requests.tidy import tidy, tidy_answer
from platform_utils.spec.plan import load_plan

_OPEN = 366

Answered = Callable[[Question], pd.DataFrame]


class Desk:
    """What a notebook asks.

    Parameters
    ----------
    source : str
        Where the numbers come from: ``"invented"``, ``"answer"``, ``"demo"`` or ``"members"``.
    """

    def __init__(self, source: str, lang: str, answered: Answered) -> None:
        self.source, self.lang = source, lang
        self.asked: list[Question] = []
        self._answered = answered
        self._known: dict[Question, AskedTable] = {}

    def table(
        self,
        *what: str | Iterable[str],
        by: str | Iterable[str] = "",
        population: str = "all",
        years: int | Iterable[int] = (),
        why: str = "",
    ) -> AskedTable:
        """Ask for a table.

        Parameters
        ----------
        what, by : str
            Variables of the codebook, two at most; without them, the number of persons.
        population : str
            Who is counted: see `populations`.
        years : int or iterable of int
            Support years.
        why : str
            What the table is needed for: reviewers read it.

        Raises
        ------
        UsageError
            E-870, E-871, E-886, E-887 for words that nothing defines; E-872 for a table that an answer does
            not hold.
        """
        question = Question.of(what, by, population, years, why)
        if question not in self._known:
            frame = self._answered(question)
            self._known[question] = AskedTable(question, frame, self.lang)
        if question not in self.asked:
            self.asked.append(question)
            note(question)
        return self._known[question]

    def difference(
        self, table: AskedTable, *, of: str, between: tuple[str, str]
    ) -> pd.DataFrame | NoComparison:
        """Compare the shares that have an answer in two groups, year by year, from released counts only.

        Parameters
        ----------
        of : str
            Answer to the table's first variable.
        between : tuple of str
            Two answers to its second one.

        Raises
        ------
        UsageError
            E-870 for a code that the codebook does not have; E-888 for a table of one breakdown, or if
            ``between`` is not two codes.

        Returns
        -------
        DataFrame or NoComparison
            ``year``, shares and difference in percentage points, Newcombe's 95 % interval; the second where
            a number it needs is hidden or merged: it prints why.
        """
        return compare(table, of, between)

    def trend(self, table: AskedTable, *, of: str) -> pd.DataFrame | NoComparison:
        """Follow the share that has an answer over the years; it begins anew at a break, and says so.

        Raises
        ------
        UsageError
            E-870 for a code that the codebook does not have.
        """
        return follow(table, of)

    def release_as(self, name: str, *, until: date | None = None) -> Path:
        """Write the request of what was asked so far: whoever asked by telephone gets what two people sign.

        Parameters
        ----------
        name : str
            The request's id, such as ``"phone-2026-03-14"``.
        until : date, optional
            Last day; if left out, a year after the day that the name ends with.

        Returns
        -------
        Path
            The file, in the working folder: say in it who asks, as a role, and what for.

        Raises
        ------
        UsageError
            E-878 if nothing was asked, the name is no id, or neither says a day.
        """
        day = re.search(r"(\d{4})-(\d\d)-(\d\d)$", name)
        with suppress(ValueError):
            until = until or (date(*map(int, day.groups())) + timedelta(days=_OPEN) if day else None)
        if not (self.asked and until and IDENTIFIER.fullmatch(name)):
            raise UsageError("E-878")
        request = Path(f"{name}.request.toml")
        write_whole(request, request_of(about_of(name, self.lang, until), self.asked))
        return request

    @property
    def populations(self) -> pd.DataFrame:
        """Who can be counted."""
        names = load_plan().of_people
        who = [population_of(name, self.lang) for name in names]
        return Headed.of(pd.DataFrame({"population": names, "who": who}), self.lang)

    @property
    def variables(self) -> pd.DataFrame:
        """By what can be counted, without what is never released."""
        refused = protect.load_rule().refused_dimensions
        kinds = {name: kind for name, kind in countable().items() if name not in refused}
        labels = [variable_label(name, self.lang) for name in kinds]
        frame = pd.DataFrame({"variable": list(kinds), "question": labels, "kind": list(kinds.values())})
        return Headed.of(frame, self.lang)

    def __repr__(self) -> str:
        return say("ask", "desk", self.lang, source=self.source, number=len(self.asked))


def open_desk(
    source: str | None = None, *, lang: str | None = None, answer: str | Path | None = None
) -> Desk:
    """Open the desk.

    Parameters
    ----------
    source : {"demo", "members"}, optional
        Rows of this workspace: each answer is a draft that nobody outside may be told. Without it, invented
        persons, or the answer below.
    lang : {"sv", "en"}, optional
        Language of tables and figures.
    answer : path, optional
        A zip file that the desk handed over; the environment's ``PLATFORM_UTILS_ANSWER`` if not given.

    Raises
    ------
    FileError
        E-873 if the answer cannot be read, or is not whole.
    """
    watch()
    try:
        workspace: Workspace | None = Workspace.find()
    except PlatformError:
        workspace = None
    settings = load_settings(workspace, lang=lang, source=source)
    PlatformError.shown_in = settings.lang
    given = answer or answer_file()
    if source is None and given:
        return Desk("answer", settings.lang, tidy_answer(Path(given)))
    if source is None or workspace is None:
        return Desk("invented", settings.lang, _from_invented)
    found = workspace

    def from_rows(question: Question) -> pd.DataFrame:
        planned = [load_plan().of_persons(question.name, question.population, question.dimensions)]
        years = dict.fromkeys(question.years, planned)
        tables = protected_tables(years, settings.source, workspace=found)
        return tidy(tables, {question.name: question.name}, "draft")

    return Desk(settings.source, settings.lang, from_rows)


def _from_invented(question: Question) -> pd.DataFrame:
    planned = load_plan().of_persons(question.name, question.population, question.dimensions)
    counted = [t for year in question.years for t in count.asked_tables(invented_year(year), [planned])]
    tables = protect.protect(protect.Demand(counted, protect.load_rule())).tables
    return tidy(tables, {question.name: question.name}, "invented")
