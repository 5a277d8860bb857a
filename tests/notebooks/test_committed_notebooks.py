"""Committed notebooks keep their shape, and a strict run shows what is stored in them."""

import ast
import base64
import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape, unescape

import pytest

from platform_utils.execute.fork_server import kernel_environment
from platform_utils.guard.notebook import why_closed, why_strange

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.AsyncFunctionDef)


def cells(path, kind="code"):
    return [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind]


def identify(path):
    return path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=identify)
def test_a_notebook_asks_the_library_and_holds_no_logic(path):
    code = cells(path)
    for cell in code:
        source = "".join(cell["source"])
        assert source.count("\n") < 10
        assert not any(isinstance(node, FORBIDDEN) for node in ast.walk(ast.parse(source)))
    assert 1 == sum("parameters" in c["metadata"].get("tags", []) for c in code)
    tags = {tag for cell in code for tag in cell["metadata"].get("tags", [])}
    assert not tags & {"nbval-ignore-output", "nbval-skip", "raises-exception"}, "a cell is not compared"
    assert "nbval-check-output" in code[-1]["metadata"].get("tags", []) or any(
        "nbval-check-output" in c["metadata"].get("tags", []) for c in code
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=identify)
def test_what_is_stored_comes_from_demo_or_published_data_and_is_there(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (None, None) == (why_closed(notebook), why_strange(notebook))
    assert any(c["outputs"] for c in cells(path)), "no outputs are stored: run python tasks.py notebooks"
    assert all(c["execution_count"] for c in cells(path) if "".join(c["source"]).strip())


@pytest.fixture(scope="session")
def place(demo_years, tmp_path_factory):
    """A copy of the demo workspace, since the notebooks write into it."""
    for year in range(2018, 2025):
        demo_years.safe(year)
    folder = tmp_path_factory.mktemp("notebooks") / "workspace"
    shutil.copytree(demo_years.workspace.root, folder)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", dirs_exist_ok=True)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "pyproject.toml", "LICENSE", "CITATION.cff", "README.md"):
        shutil.copy(ROOT / name, folder)
    return folder


CHANGED = "20_annual_statistics"
"""The notebook that is compared as it is, and with cells that were changed."""


@pytest.fixture(scope="session")
def strict(place):
    """What one strict run of all notebooks says: of each its cells, with ``PASSED`` or ``FAILED``, and all of it."""
    with_changes(place)
    environment = dict(
        os.environ, **kernel_environment(place), PLATFORM_UTILS_HOME=str(place), PYTHONPATH=str(HERE)
    )
    command = [sys.executable, "-m", "pytest", "--nbval", f"--nbval-sanitize-with={HERE / 'sanitise.cfg'}"]
    plugins = ["-p", "picture_plugin", "-p", "no:xdist", "-p", "no:cacheprovider"]
    where = ["-v", "--rootdir", str(place), "-c", os.devnull]
    names = [path.name for path in NOTEBOOKS if path.stem != CHANGED] + ["changed.ipynb"]
    done = subprocess.run(
        [*command, *plugins, *where, *(str(place / "notebooks" / name) for name in names)],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
    )
    found = {name: {} for name in names}
    for name, cell, word in re.findall(r"(\w+)::ipynb::Cell (\d+) (PASSED|FAILED)", done.stdout):
        found[f"{name}.ipynb"][int(cell)] = word
    return found, done.stdout


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem != CHANGED], ids=identify)
def test_a_strict_run_shows_what_is_stored(path, strict):
    found, said = strict
    assert dict.fromkeys(range(len(cells(path))), "PASSED") == found[path.name], said[-3000:]


def repaint(data, part):
    """Change the colour of a shape of a picture, or one number of what it says that it draws."""
    text = data["text/markdown"]
    packed = re.search(r"base64,([A-Za-z0-9+/=]+)", text)[1]
    svg = base64.b64decode(packed).decode("utf-8")
    before, said, after = re.split(r"(?<=<dc:description>)(.*?)(?=</dc:description>)", svg, flags=re.DOTALL)
    account = json.loads(unescape(said))
    if part == "datum":
        account["axes"][0]["x"]["limits"][1] += 1
        said = escape(json.dumps(account, ensure_ascii=False, separators=(",", ":"), sort_keys=True))
    else:
        assert "fill: #0072b2" in after
        after = after.replace("fill: #0072b2", "fill: #ff0000", 1)
    made = base64.b64encode(f"{before}{said}{after}".encode()).decode()
    data["text/markdown"] = text.replace(packed, made)


def with_changes(place):
    """Write the notebook with changed cells after its own, so that one run compares both."""
    notebook = json.loads((place / "notebooks" / f"{CHANGED}.ipynb").read_text(encoding="utf-8"))
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    drawn = next(c for c in code if "data:image" in json.dumps(c["outputs"]))
    picture, datum, number, source = (
        copy.deepcopy(cell) | {"id": f"again-{at}"}
        for at, cell in enumerate((drawn, drawn, code[-1], code[-1]))
    )
    notebook["cells"] += [picture, datum, number, source]
    number["outputs"][0]["data"]["text/markdown"] = "520"
    repaint(picture["outputs"][0]["data"], "picture")
    repaint(datum["outputs"][0]["data"], "datum")
    source["source"] = 'report.sentence("roles")'
    (place / "notebooks" / "changed.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def test_a_strict_run_shows_what_is_stored_and_fails_where_it_was_changed(strict):
    found, said = strict
    own = len(cells(ROOT / "notebooks" / f"{CHANGED}.ipynb"))
    assert found["changed.ipynb"] == dict.fromkeys(range(own), "PASSED") | dict.fromkeys(
        range(own, own + 4), "FAILED"
    )
    assert "though table, axes, series and labels are the same" in said
    assert "fig-role-without-mass: x axis right limit " in said
    assert said.count("mismatch") >= 2
