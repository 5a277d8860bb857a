"""Rows of returns as literal cells, and the demo years that many tests look at.

What is not named in a row stands as in one good row. The demo years are made once per session.
"""

import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # matrices are small here, and two processes share the cores

import pandas as pd
import pytest

from platform_utils.count import annual
from platform_utils.paths import Workspace
from platform_utils.spec import codebook, grains
from platform_utils.spec.plan import load_plan
from platform_utils.spec.reports import Period
from platform_utils.spec.returns import RawReturn

LONGEST = (
    "test_committed_notebooks", "test_wishes", "test_same_bytes", "test_back_test_report",
    "test_corrected_edition", "test_back_test", "test_protect_properties", "test_cluster", "test_known_optima",
    "test_planted_differences", "test_clean_rules", "test_office", "test_clean_any_text", "test_forked",
)  # fmt: skip
"""Files that take longest, longest first: begun last, one of them would keep a single process busy at the end."""


def pytest_collection_modifyitems(items):
    """The longest files first, the others as they were found; what needs Quarto only where Quarto is."""
    if shutil.which("quarto") is None and "REQUIRE_QUARTO" not in os.environ:
        for item in items:
            if item.get_closest_marker("quarto"):
                item.add_marker(pytest.mark.skip(reason="needs quarto, which is not on the search path"))
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(autouse=True, scope="session")
def keys_elsewhere(tmp_path_factory):
    """No test reads or writes the keys of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLATFORM_UTILS_KEYS", str(tmp_path_factory.mktemp("keys")))
        yield


GOOD = {
    "case": {
        "person_code": "P1", "role": "direkt utsatt", "sex": "kvinna", "age_years": "31", "age_band": "27–35 år",
        "origin_group": "tredjeland", "origin_country": "Nigeria", "identified_by": "polis", "police_report": "ja",
        "police_report_timing": "efter", "police_report_by": "den utsatta", "crime_heading__trafficking": "ja",
        "form__sexual": "ja", "form__labour": "nej", "place__sweden": "ja", "children_count": "2",
        "children_with_person": "1", "children_home_country": "1", "nsp": "ja",
    },
    "programme": {"person_code": "P1", "beneficiary": "vuxen", "nsp_intervention": "viloperiod", "days_granted": "30", "days_used": "12", "amount_sek": "4 500"},
    "organisation": {"membership_form": "fullt", "certified": "ja", "member_county": "Skåne"},
    "total": {"role": "direkt utsatt", "sex": "kvinna", "adult_or_child": "vuxen", "person_count": "7"},
}  # fmt: skip
SHEETS = {name: grain.sheet("sv") for name, grain in grains.load().items()}


def table_of(grain, rows, year, file, member, leave_out=()):
    columns = [name for name in codebook.load().grain_columns(grain, year) if name not in leave_out]
    extra = sorted({name for row in rows for name in row} - set(columns) - set(leave_out))
    cells = [GOOD[grain] | row for row in rows]
    frame = pd.DataFrame(
        {name: [row.get(name, "") for row in cells] for name in (*columns, *extra)}, dtype="str"
    )
    return frame.assign(
        member_id=pd.array([member] * len(rows), dtype="str"),
        year=year,
        file=pd.array([file] * len(rows), dtype="str"),
        sheet=pd.array([SHEETS[grain]] * len(rows), dtype="str"),
        row=range(5, 5 + len(rows)),
    )


@pytest.fixture
def make_return():
    """Return a function that makes a `RawReturn` of good rows, with the cells that are named."""

    def make(
        *case, year=2024, file="svar.xlsx", member="M01", leave_out=(), findings=(), ledger=(), **others
    ):
        grains = {"case": case} if case else {}
        tables = {
            grain: table_of(grain, rows, year, file, member, leave_out)
            for grain, rows in {**grains, **others}.items()
        }
        return RawReturn(member, year, file, f"{year}-sv", tables, tuple(findings), tuple(ledger))

    return make


@pytest.fixture(scope="session")
def counting_only():
    """Return a context in which only some tables of the plan are counted, and those without large cases."""

    @contextmanager
    def only(*names):
        plan = load_plan()
        kept = replace(plan, tables=tuple(one for one in plan.tables if {one.key, one.whole} & {*names}))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(annual, "load_plan", lambda: kept)
            yield

    return only


# ------------------------------------------------------------------ one demo workspace for the whole session

ROOT = Path(__file__).parents[1]
DEMO_YEARS = range(2018, 2025)


class Demo:
    """The demo years in a workspace of their own; each piece is made once per session, by whoever asks first."""

    root = ROOT

    def __init__(self, shared):
        self.shared = shared
        self.workspace = Workspace(shared / "demo")
        self._memory = {}

    def once(self, name, make):
        """Call ``make`` in one process only; the others wait until it has been done."""
        done, busy, failed = (self.shared / f".{name}.{state}" for state in ("done", "busy", "failed"))
        while not done.exists():
            if failed.exists():
                pytest.fail(f"{name} failed in another process")
            try:
                busy.mkdir()
            except FileExistsError:
                time.sleep(0.1)
                continue
            try:
                make()
            except BaseException:
                failed.touch()
                raise
            done.touch()

    def made(self):
        """The workspace with the returns of all years received, corrections declared."""
        self.once("made", self._make)
        return self.workspace

    def before(self):
        """The same before anybody has mended anything: no corrections, nothing sent again."""
        workspace = Workspace(self.shared / "before")
        self.once("before", lambda: self._rewind(self.made(), workspace))
        return workspace

    def raw(self, year, *, corrected=True):
        """The returns of one year as they are read."""
        from platform_utils import returns

        key = ("raw", year, corrected)
        if key not in self._memory:
            workspace = self.made() if corrected else self.before()
            self._memory[key] = list(returns.read_year(workspace, "demo", year))
        return self._memory[key]

    def clean(self, year, *, corrected=True):
        """One clean year."""
        from platform_utils import clean, pipeline

        key = ("clean", year, corrected)
        if key not in self._memory:
            workspace = self.made() if corrected else self.before()
            folder = workspace.restricted("demo", year)
            state = "clean" if corrected else "clean-before"
            self.once(f"{state}-{year}", lambda: pipeline.clean(year, "demo", workspace=workspace))
            self._memory[key] = clean.read_year(folder)
        return self._memory[key]

    def counts(self, year, *, corrected=True):
        """The tables of one year before the gate, by name."""
        from platform_utils import count

        key = ("counts", year, corrected)
        if key not in self._memory:
            years = {y: self.clean(y, corrected=corrected) for y in DEMO_YEARS if y <= year}
            self._memory[key] = {table.name: table for table in count.annual_tables(years, year)}
        return self._memory[key]

    def safe(self, year, *, corrected=True):
        """The tables of one year as the gate let them out, by name."""
        from platform_utils import pipeline, publish

        key = ("safe", year, corrected)
        if key not in self._memory:
            for each in DEMO_YEARS:
                if each <= year:
                    self.clean(each, corrected=corrected)
            workspace = self.made() if corrected else self.before()
            state = "safe" if corrected else "safe-before"
            self.once(
                f"{state}-{year}", lambda: pipeline.count_and_protect(year, "demo", workspace=workspace)
            )
            self._memory[key] = publish.read_tables(workspace, "demo", year)
        return self._memory[key]

    def report(self, year, lang, *, corrected=True, name="annual"):
        """The page of the annual report or of its table annex, HTML."""
        from platform_utils.workflow.actions import execute_report, render_report

        for each in DEMO_YEARS:
            if each <= year:
                self.safe(each, corrected=corrected)
        workspace = self.made() if corrected else self.before()

        def make():
            execute_report(name, Period.of(year), "demo", lang, workspace=workspace)
            render_report(name, Period.of(year), "demo", lang, ["html"], "embedded", workspace=workspace)

        self.once(f"report-{name}-{year}-{lang}-{corrected}", make)
        return workspace.drafts("demo", year) / f"{name}-{year}.{lang}.html"

    def _make(self):
        from platform_utils import demo, pipeline

        self.furnish(self.workspace)
        pipeline.admit_published(workspace=self.workspace)
        demo.make_returns(self.workspace, DEMO_YEARS, 1)

    @staticmethod
    def furnish(workspace):
        """Copy in what reports are made of."""
        for name in ("_extensions", "reports"):
            shutil.copytree(ROOT / name, workspace.root / name)
        published = Path("data_raw", "published")
        shutil.copytree(ROOT / published, workspace.root / published, dirs_exist_ok=True)
        for path in ROOT.glob("_quarto*.yml"):
            shutil.copy(path, workspace.root)

    def _rewind(self, made, workspace):
        """Go back to the day before the first member sent a file again."""
        from platform_utils import returns
        from platform_utils.returns.receipts import write_receipts

        self.furnish(workspace)
        for year in DEMO_YEARS:
            shutil.copytree(made.returns("demo", year), workspace.returns("demo", year))
            (workspace.returns("demo", year) / "corrections.toml").unlink()
            receipts = [one for one in returns.load_receipts(made, "demo", year) if not one.replaces]
            statuses = {"replaced": "current"}
            early = [replace(one, status=statuses.get(one.status, one.status)) for one in receipts]
            write_receipts(workspace, "demo", year, early)


@pytest.fixture(scope="session")
def demo_years(tmp_path_factory, worker_id):
    """The demo years, made once however many processes the tests run in."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if worker_id != "master" else base) / "demo-years"
    shared.mkdir(exist_ok=True)
    return Demo(shared)
