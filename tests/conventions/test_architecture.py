"""docs/architecture.md is true: what it names is there, and each row of its table is followed."""

import importlib
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_imports import LAYERS

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "platform_utils"
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WAYS = re.findall(r"^## The way of (.+?)\n\n(.*?)(?=\n## )", TEXT, re.MULTILINE | re.DOTALL)
ROWS = dict(re.findall(r"^\| ([a-z][^|]+?) \| (`.+`) \|$", TEXT, re.MULTILINE))


def stations(block):
    return re.findall(r"^\d+\. (.*)$", block, re.MULTILINE)


def test_each_way_has_at_most_twelve_stations():
    assert ["a row", "`year`", "a table"] == [name for name, _ in WAYS]
    assert all(1 <= len(stations(block)) <= 12 for _, block in WAYS)


@pytest.mark.parametrize(
    "name", sorted({n for _, b in WAYS for n in re.findall(r"`([a-z_]+(?:\.\w+)+)`", b)})
)
def test_a_station_exists(name):
    if "/" in name or name.endswith((".toml", ".json")):
        return
    module, _, thing = name.rpartition(".")
    try:
        importlib.import_module(f"platform_utils.{name}")
    except ModuleNotFoundError:
        assert hasattr(importlib.import_module(f"platform_utils.{module}"), thing)


def test_the_order_of_imports_is_that_of_the_convention():
    order = re.search(r"^Imports point down, never sideways: (.+)\.$", TEXT, re.MULTILINE)[1].split(" → ")
    names = [re.findall(r"`(\w+)`", step) or ["publish"] for step in order]
    layers = [max(LAYERS[name] for name in step) for step in names]
    assert layers == sorted(layers, reverse=True)


# ------------------------------------------------------------------ where do I change what

R = "src/platform_utils/resources"
APPEND = ""
CROSSWALK = SRC / "resources" / "crosswalks" / "ctdc_global.toml"


def follow(file, old, new, probe):
    """An edit of a file (added at its end if there is nothing to replace), and what is then true."""
    return file, old, new, probe


BOOK = "from platform_utils.spec.codebook import load; book = load()\n"
PLAN = "from platform_utils.spec.plan import load_plan; plan = load_plan()\n"
FOLLOWED = {
    "ask members a new question": [
        follow(
            f"{R}/codebook/variables.toml", APPEND,
            '\n[[variable]]\nname = "made_up"\ngrain = "case"\nkind = "yes_no"\nsv = "Påhitt"\nen = "Made up"\nsensitivity = "plain"\nmark = "I"\n',
            BOOK + 'assert book.variable("made_up").label("sv") == "Påhitt"',
        ),
        follow(
            f"{R}/column_maps/case.csv", APPEND,
            "".join(f"made_up,{lang},{','.join([word] * 8)}\n" for lang, word in (("sv", "Påhitt"), ("en", "Made up"))),
            'from platform_utils.returns.column_maps import column_map\nassert column_map("case", 2024, "sv")["made_up"] == "Påhitt"',
        ),
        follow(
            f"{R}/demo/distributions.toml", APPEND,
            '\n[[variable]]\nvariable = "made_up"\nof = { yes = 70, no = 30 }\n',
            'from platform_utils.demo.answers import distributions\nassert distributions()["variable"][-1]["variable"] == "made_up"',
        ),
    ],
    "allow one more answer": [
        follow(
            f"{R}/codebook/codes.toml", "[sex]\ncodes = [\n",
            '[sex]\ncodes = [\n  { code = "made_up", sv = "påhittat", en = "made up", mark = "I" },\n',
            BOOK + 'assert "made_up" in [c.code for c in book.codes(book.variable("sex"))]',
        )
    ],
    "close an answer that is no longer given": [
        follow(
            f"{R}/codebook/codes.toml", '{ code = "other", sv = "annat kön",', '{ code = "other", until = 2020, sv = "annat kön",',
            BOOK + 'codes = lambda year: [c.code for c in book.codes(book.variable("sex"), year)]\nassert "other" in codes(2020) and "other" not in codes(2021)',
        )
    ],
    "accept another spelling of a heading": [
        follow(
            f"{R}/column_maps/aliases.csv", APPEND, "case,sex,Könsord\n",
            'from platform_utils.returns.column_maps import known_headings\nassert known_headings()["könsord"]["case"] == "sex"',
        )
    ],
    "ask fewer questions in the form of a year": [
        follow(
            f"{R}/forms/2031.csv", APPEND,
            "no,column,theme,must,sv,en,asked_of,example,help_sv,help_en\n1,sex,person,must,Kön,Sex,all,woman,a,b\n",
            "from platform_utils.spec.form_of_year import form_of\nassert [25, 1] == [len({one.sv.split(' (')[0] for one in form_of(year).values()}) for year in (2030, 2031)]",
        ),
    ],
    "ask for a new sheet of the form": [
        follow(
            f"{R}/codebook/grains.toml", APPEND,
            '\n[[grain]]\nname = "stay"\nunit = "stay"\nsheet_sv = "Boenden"\nsheet_en = "Stays"\nsv = "s"\nen = "s"\nrows_sv = "b"\nrows_en = "s"\ntitle = { sv = "t", en = "t" }\nlead = { sv = "l", en = "l" }\ncontents = { sv = "c", en = "c" }\n',
            'from platform_utils.spec import grains\nassert grains.load()["stay"].sheet("sv") == "Boenden"',
        )
    ],
    "show a new table": [
        follow(
            f"{R}/table_plan.toml", APPEND,
            '\n[[table]]\nkey = "asylum_women"\nsv = "s"\nen = "e"\nuniverse = "women_direct"\ndimensions = ["asylum"]\nsection = "police"\n',
            PLAN + 'assert plan.by_key["asylum_women"].population.name == "women_direct"',
        )
    ],
    "count a new population": [
        follow(
            f"{R}/table_plan.toml", APPEND,
            '\n[universe.men_direct]\nsv = "s"\nen = "e"\nwhere = { role = "direct", sex = "man" }\n',
            PLAN + 'assert dict(plan.populations["men_direct"].where) == {"role": "direct", "sex": "man"}',
        )
    ],
    "give a table another title": [
        follow(
            f"{R}/table_plan.toml", 'sv = "Personer efter roll"', 'sv = "Personer efter annan roll"',
            PLAN + 'assert plan.by_key["role"].label("sv") == "Personer efter annan roll"',
        )
    ],
    "tell readers that a series breaks": [
        follow(
            f"{R}/table_plan.toml", APPEND, '\n[[break]]\nyear = 2024\nsv = "Ny fråga."\nen = "A new question."\n',
            PLAN + 'assert any(b.year == 2024 and b.label("en") == "A new question." for b in plan.breaks)',
        )
    ],
    "write a new report": [
        follow(
            f"{R}/reports.toml", APPEND, '\n[made_up]\nsv = "Påhitt {period}"\nen = "Made up {period}"\nfrom = "returns"\nperiod = "year"\n',
            'from platform_utils.spec.reports import Period, load_reports\nassert load_reports()["made_up"].title(Period.of(2024), "sv") == "Påhitt 2024"',
        )
    ],
    "add a rule of the support programme, or when it held": [
        follow(
            f"{R}/nsp_rules.toml", 'what = "rest"\ndays = 30\nsince = "2017"', 'what = "rest"\ndays = 31\nsince = "2017"',
            'from platform_utils.programme import load_rules\nassert load_rules().limits_of("2017")[0].days == 31',
        )
    ],
    "hide more": [
        follow(
            f"{R}/disclosure.toml", "min_released = 4", "min_released = 6",
            'from platform_utils.protect import load_rule\nassert load_rule().classes["A"].min_released == 6',
        )
    ],
    "put an error in other words": [
        follow(
            f"{R}/messages/foundation.toml", APPEND, '\n["E-999"]\nsv = "Påhitt."\nen = "Made up."\n',
            'from platform_utils.messages import text\nassert text("E-999", "sv") == "E-999 Påhitt."',
        )
    ],
    "change what a desk starts with": [
        follow(
            f"{R}/settings.toml", 'lang = "sv"', 'lang = "en"',
            'from platform_utils.config import load_settings\nassert load_settings().lang == "en"',
        )
    ],
    "move a folder": [
        follow(
            "src/platform_utils/paths.py", 'self.root / "notebooks"', 'self.root / "questions"',
            'from pathlib import Path\nfrom platform_utils.paths import Workspace\nassert Workspace(Path("x")).notebooks.name == "questions"',
        )
    ],
    "add a figure that somebody has published": [
        follow(
            "data_raw/published/published_figures.csv", APPEND,
            "member_statistics,2024,made up,all roles,1234567,persons,A made-up page,https://example.org/made-up,page\n",
            'from platform_utils import pipeline\nfrom platform_utils.paths import Workspace\nfrom pathlib import Path\nimport os\n'
            'tables = pipeline.admit_published(workspace=Workspace(Path(os.environ["PLATFORM_UTILS_HOME"])))\n'
            'assert any(1234567 in list(t.data["count"].dropna()) for t in tables)',
        )
    ],
    "read a file of somebody else": [
        follow(
            f"{R}/crosswalks/made_up.toml", APPEND, CROSSWALK.read_text(encoding="utf-8").replace('"ctdc_global"', '"made_up"', 1),
            'from platform_utils.returns.crosswalk import load_crosswalks\nassert "made_up" in [one.name for one in load_crosswalks()]',
        )
    ],
    "say what a file of somebody else is": [
        follow(
            f"{R}/sources/ctdc.toml", 'short = "CTDC (IOM)"', 'short = "Made up"',
            'from platform_utils.paths import Workspace\nfrom platform_utils.spec.sources import load_source\nfrom pathlib import Path\nassert load_source(Workspace(Path("nowhere")), "external-ctdc").short == "Made up"',
        ),
    ],
    "change the look of a page": [
        follow(
            "_extensions/platform/report.css", APPEND, "\n.made-up { color: red; }\n",
            'import os\nfrom pathlib import Path\nfrom platform_utils.paths import Workspace\n'
            'assert "made-up" in (Workspace(Path(os.environ["PLATFORM_UTILS_HOME"])).assets / "report.css").read_text()',
        )
    ],
}  # fmt: skip


def test_there_are_fifteen_rows_or_more_and_each_is_followed():
    assert 15 <= len(ROWS)
    assert list(ROWS) == list(FOLLOWED)


@pytest.mark.parametrize("wish", FOLLOWED)
def test_a_change_where_the_page_says_is_seen(wish, tmp_path, monkeypatch):
    shutil.copytree(SRC, tmp_path / "src" / "platform_utils", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("_extensions/platform", "data_raw/published"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "_quarto.yml", tmp_path)
    named = [name.removeprefix("src/platform_utils/") for name in re.findall(r"`([^`]+)`", ROWS[wish])]
    probes = []
    for file, old, new, probe in FOLLOWED[wish]:
        assert any(file.removeprefix("src/platform_utils/").startswith(name) for name in named), file
        path = tmp_path / file
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert old in before
        path.write_text(before.replace(old, new, 1) if old else before + new, encoding="utf-8", newline="\n")
        probes.append(probe)
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    with as_it_is_in(tmp_path / "src"):
        exec("\n".join(probes), {})


@contextmanager
def as_it_is_in(folder):
    """Import the package anew from another folder, and have this one's back afterwards."""
    own = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "platform_utils"}
    try:
        for name in own:
            del sys.modules[name]
        sys.path.insert(0, str(folder))
        assert str(folder) in importlib.import_module("platform_utils").__file__
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [one for one in sys.modules if one.partition(".")[0] == "platform_utils"]:
            del sys.modules[name]
        sys.modules.update(own)
