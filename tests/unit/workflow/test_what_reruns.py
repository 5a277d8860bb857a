"""One change of each kind of input reruns exactly what it reaches; the others keep their bytes."""

import functools
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from platform_utils.messages import catalogue
from platform_utils.paths import Workspace
from platform_utils.spec.reports import load_reports
from platform_utils.workflow import (
    NOT_NODES,
    annual_nodes,
    report_nodes,
    run_nodes,
    runner,
    state,
    what_changed,
)
from platform_utils.workflow.state import Now

ROOT = Path(__file__).parents[3]
YEARS = (2021, 2022, 2023)
CLEAN = {f"clean/{year}" for year in YEARS}
COUNT = {f"count/{year}" for year in YEARS}
DOCUMENTS = {f"document/annual/2023/{lang}" for lang in ("sv", "en")}
RENDERS = {f"render/annual/2023/{lang}" for lang in ("sv", "en")}
REPORTS = {"words/2023"} | DOCUMENTS | RENDERS
ADMIT = {"admit/published"}
FROM_RETURNS = CLEAN | COUNT | REPORTS
PLAN, ANOTHER = "package/resources/table_plan.toml", '\n[another]\nsv = "x"\nen = "x"\n'
EVERYTHING = ADMIT | FROM_RETURNS


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace of small files, everything made; our own package copied, since some cases change it."""
    folder = tmp_path_factory.mktemp("reruns") / "workspace"
    for name in ("_extensions", "notebooks", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "_quarto.yml", folder)
    shutil.copytree(
        ROOT / "src" / "platform_utils", folder / "package", ignore=shutil.ignore_patterns("__pycache__")
    )
    for year in YEARS:
        place = folder / "data_raw" / "demo" / str(year)
        place.mkdir(parents=True)
        for name in ("receipts.toml", "members.toml", "corrections.toml", "a.csv"):
            (place / name).write_text(f"{name} {year}")
    (folder / "data_raw" / "published").mkdir()
    (folder / "data_raw" / "published" / "published_figures.csv").write_text("a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "Now", functools.partial(Now, root=folder / "package"))
        assert EVERYTHING == set(run(Workspace(folder)).ran)
        assert [] == what_changed(nodes(Workspace(folder)), Workspace(folder), "demo")
    return folder


@pytest.fixture
def place(made, tmp_path, monkeypatch):
    folder = tmp_path / "workspace"
    shutil.copytree(made, folder)
    monkeypatch.setattr(runner, "Now", functools.partial(Now, root=folder / "package"))
    return Workspace(folder)


def nodes(workspace, lang="sv"):
    about = {"source": "demo", "langs": ("sv", "en"), "formats": ("html",), "engine": "embedded"}
    return annual_nodes(workspace, "demo", YEARS, lang) + report_nodes(workspace, "annual", (2023,), **about)


def make(node, workspace):
    """Write what stands for the node's outputs: other bytes for other inputs."""
    now = runner.Now(workspace)
    text = json.dumps(state.current_inputs(node, now, {}), sort_keys=True)
    for name in node.needs:
        text += "".join(
            path.read_text()
            for needed in nodes(workspace)
            if needed.name == name
            for where, pattern in needed.outputs
            if (where, pattern) not in needed.evidence
            for path in sorted(where.glob(pattern))
        )
    for where, pattern in node.outputs:
        path = where / pattern.replace("**/", "").replace("*", "x")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(hashlib.sha256(text.encode()).hexdigest())


def run(workspace):
    return run_nodes(nodes(workspace), workspace, "demo", workers=1, perform=make)


def append(path, text):
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def new_version(monkeypatch):
    monkeypatch.setattr(state, "package_versions", lambda: {"package:pandas": "99"})


CASES = {
    "a cell of the last year's return": (
        lambda w, m: append(w.returns("demo", 2023) / "a.csv", "1"),
        {"clean/2023", "count/2023"} | REPORTS,
    ),
    "a cell of the return of the year before": (
        lambda w, m: append(w.returns("demo", 2022) / "a.csv", "1"),
        {"clean/2022", "count/2022", "count/2023"} | REPORTS,
    ),
    "a cell of an old return": (
        lambda w, m: append(w.returns("demo", 2021) / "a.csv", "1"),
        {"clean/2021", "count/2021", "count/2022"} | REPORTS,
    ),
    "an exemption from the gate": (
        lambda w, m: append(w.exemptions("demo", 2022), "1"),
        {"count/2022"} | REPORTS,
    ),
    "a correction, which the counts read too": (
        lambda w, m: append(w.returns("demo", 2023) / "corrections.toml", "1"),
        {"clean/2023", "count/2023"} | REPORTS,
    ),
    "the year's own words": (
        lambda w, m: [w.own_words("demo", 2023).mkdir(), append(w.own_words("demo", 2023) / "police.sv.md", "x")],
        REPORTS,
    ),
    "a row of a column map": (
        lambda w, m: append(w.root / "package/resources/column_maps/case.csv", "x,x\n"),
        FROM_RETURNS,
    ),
    "a label of the codebook": (
        lambda w, m: edit(w.root / "package/resources/codebook/codes.toml", 'sv = "ja"', 'sv = "jo"'),
        FROM_RETURNS,  # members answer in labels
    ),
    "a class of the table plan": (
        lambda w, m: edit(w.root / PLAN, 'class = "B"', 'class = "A"'),
        COUNT | REPORTS,
    ),
    "a mark of the catalogue of messages": (
        lambda w, m: append(w.root / "package/resources/messages/foundation.toml", ANOTHER),
        REPORTS,
    ),
    "a finding of the catalogue of messages": (
        lambda w, m: append(w.root / "package/resources/messages/validate.toml", ANOTHER),
        set(),
    ),
    "a unit's word of the table plan": (
        lambda w, m: edit(w.root / PLAN, 'sv = "personer"', 'sv = "människor"'),
        REPORTS,
    ),
    "a word of the catalogue of reports": (
        lambda w, m: append(w.root / "package/resources/i18n/words.toml", ANOTHER),
        REPORTS,
    ),
    "a word by which a sheet is known": (
        lambda w, m: append(w.root / "package/resources/messages/template.toml", ANOTHER),
        FROM_RETURNS,
    ),
    "a body of a function that draws": (
        lambda w, m: append(w.root / "package/publish/figure.py", "\n\nEXTRA = 1\n"),
        REPORTS,
    ),
    "a limit of the disclosure rule": (
        lambda w, m: append(w.root / "package/resources/disclosure.toml", "\nx = 1\n"),
        COUNT | REPORTS,
    ),
    "a sentence of the report": (
        lambda w, m: append(w.reports("sv") / "annual.qmd", "\nEn mening.\n"),
        {"document/annual/2023/sv", "render/annual/2023/sv"},
    ),
    "a body of a function of the renderer": (
        lambda w, m: append(w.root / "package/render/html.py", "\n\nEXTRA = 1\n"),
        RENDERS,
    ),
    "a body of a function that reads returns": (
        lambda w, m: append(w.root / "package/returns/delimited.py", "\n\nEXTRA = 1\n"),
        FROM_RETURNS,
    ),
    "a body of a function of the gate": (
        lambda w, m: append(w.root / "package/protect/optimum.py", "\n\nEXTRA = 1\n"),
        COUNT | REPORTS,
    ),
    "a comment only": (lambda w, m: append(w.root / "package/protect/optimum.py", "\n# why\n"), set()),
    "a comment in the plan": (lambda w, m: append(w.root / PLAN, "\n# why\n"), set()),
    "a torn plan": (lambda w, m: append(w.root / PLAN, "\n[measure\n"), COUNT | REPORTS),
    "a figure of others": (
        lambda w, m: append(w.published / "published_figures.csv", "1"),
        ADMIT | DOCUMENTS | RENDERS,
    ),
    "a package's version": (lambda w, m: new_version(m), EVERYTHING),
    "a font": (
        lambda w, m: append(w.assets / "fonts" / "SourceSans3-Regular.ttf", "x"),
        DOCUMENTS | RENDERS,
    ),
    "a style of the web page": (lambda w, m: append(w.assets / "report.css", "x"), RENDERS),
    "a project setting": (lambda w, m: append(w.root / "_quarto.yml", "\n# x\n"), RENDERS),
    "what a notebook shows": (
        lambda w, m: touch_outputs(w.notebooks / "10_clean_member_statistics.ipynb"),
        set(),
    ),
    "what a notebook asks": (
        lambda w, m: ask_more(w.notebooks / "10_clean_member_statistics.ipynb"),
        FROM_RETURNS,
    ),
    "a key of persons": (lambda w, m: append(w.returns("demo", 2023) / "keys.toml", "1"), set()),
    "a time stamp": (lambda w, m: (w.returns("demo", 2023) / "a.csv").touch(), set()),
}  # fmt: skip


def touch_outputs(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][-1] |= {"outputs": [], "execution_count": 99}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def ask_more(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][-1]["source"] += ["\n1 + 1"]
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_exactly_what_an_input_reaches_runs_again(place, monkeypatch, case):
    change, expected = CASES[case]
    before = {path: path.read_bytes() for path in (place.root / "data_clean").rglob("*") if path.is_file()}
    change(place, monkeypatch)
    assert expected == {reason.node for reason in what_changed(nodes(place), place, "demo")}
    assert expected == set(run(place).ran)
    kept = [node for node in nodes(place) if node.name not in expected]
    for node in kept:
        for where, pattern in node.outputs:
            for path in where.glob(pattern):
                assert before[path] == path.read_bytes()


def test_a_change_of_what_is_only_shown_stops_at_its_node(place):
    """The executed notebook of a stage is evidence: no later node reads it."""
    (first,) = (place.restricted("demo", 2023) / "notebooks").glob("10_clean_member_statistics.*.ipynb")
    first.unlink()
    assert ["clean/2023"] == run(place).ran


def test_another_language_of_the_notebooks_is_no_reason_to_run(place):
    assert [] == what_changed(nodes(place, "en"), place, "demo")


def test_tables_of_a_year_whose_returns_are_gone_are_still_an_input(place):
    gone, kept = place.returns("demo", 2021), place.controlled("demo", 2021) / "tables" / "x"
    shutil.rmtree(gone)
    left = [node for node in nodes(place) if "2021" not in node.name]
    run_nodes(left, place, "demo", workers=1, perform=make)
    append(kept, "1")
    changed = {reason.node for reason in what_changed(left, place, "demo")}
    assert REPORTS == changed


def test_every_committed_notebook_is_a_node_or_says_why_not(place):
    about = {"source": "demo", "langs": ("sv",), "formats": ("html",), "engine": "embedded"}
    made = nodes(place) + [n for name in load_reports() for n in report_nodes(place, name, YEARS, **about)]
    executed = {node.document.stem for node in made if node.document and node.document.suffix == ".ipynb"}
    committed = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert committed == executed | set(NOT_NODES)
    assert set() == executed & set(NOT_NODES)


def test_every_node_has_words_for_the_screen(place):
    about = {"source": "demo", "langs": ("sv",), "formats": ("html",), "engine": "embedded"}
    made = nodes(place) + [n for name in load_reports() for n in report_nodes(place, name, YEARS, **about)]
    assert set() == {f"L-run-{node.name.split('/')[0]}" for node in made} - set(catalogue())
