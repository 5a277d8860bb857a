"""Code counts by the stages that a node may run; comments and docstrings do not count."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from platform_utils.workflow import graph
from platform_utils.workflow.code import Code, package_versions

SRC = Path(__file__).parents[3] / "src" / "platform_utils"


@pytest.fixture
def package(tmp_path):
    files = {
        "__init__.py": "",
        "paths.py": "def resource(*parts):\n    return parts\n",
        "pipeline.py": "from platform_utils import gate, stage\n\ndef clean():\n    return stage.run()\n",
        "spec/__init__.py": "",
        "spec/book.py": 'from platform_utils.paths import resource\n\nBOOK = resource("book", f"{1}.toml")\n',
        "spec/plan.py": 'from platform_utils.paths import resource\n\nPLAN = resource("plan.toml")\n',
        "stage/__init__.py": "from platform_utils.stage.step import run\n",
        "stage/step.py": 'def run(x):\n    """Run."""\n    from platform_utils.spec import book\n\n    return book, x\n',
        "stage/store.py": "A = 1\n",
        "gate/__init__.py": "from platform_utils.spec.plan import PLAN\n",
        "resources/book/a.toml": "a = 1",
        "resources/plan.toml": "b = 1",
        "resources/words.toml": "c = 1",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def hashes(package, *entries):
    return Code(package / "code.json", package).hashes(entries)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


STAGE = ("pipeline", "stage", "resources/words.toml")


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("stage/step.py", "x", "y", ["platform_utils.stage.step"]),
        ("stage/step.py", "return book, x", "return book, x  # why", []),
        ("stage/step.py", '"""Run."""', '"""Run it."""', []),
        ("stage/store.py", "1", "2", ["platform_utils.stage.store"]),
        ("pipeline.py", "clean", "wash", ["platform_utils.pipeline"]),
        ("gate/__init__.py", "PLAN", "PLAN as P", []),
        ("spec/book.py", "BOOK", "BOOKS", ["platform_utils.spec.book"]),
        ("spec/plan.py", "PLAN", "PLANS", []),
        ("paths.py", "parts", "names", ["platform_utils.paths"]),
        ("resources/book/a.toml", "1", "2", ["resources/book/a.toml"]),
        ("resources/plan.toml", "1", "2", []),
        ("resources/words.toml", "1", "2", ["resources/words.toml"]),
    ],
)
def test_what_a_stage_may_run_moves_its_hashes_and_nothing_else_does(package, path, old, new, expected):
    before = hashes(package, *STAGE)
    edit(package / path, old, new)
    after = hashes(package, *STAGE)
    assert [f"code:{name}" for name in expected] == sorted(
        key for key in {*before, *after} if before.get(key) != after.get(key)
    )


def test_a_module_stands_for_itself_and_what_it_imports(package):
    assert {"code:platform_utils.stage.store"} == set(hashes(package, "stage.store"))


def test_texts_count_only_where_somebody_says_so(tmp_path):
    assert not [name for name in Code(tmp_path / "code.json", SRC).hashes(["publish"]) if "i18n" in name]


MODULES, DATA = 6, 2


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"x": 1}'])
def test_a_memory_that_is_torn_counts_as_none(package, text):
    expected = hashes(package, *STAGE)
    (package / "code.json").write_text(text)
    assert expected == hashes(package, *STAGE)
    assert MODULES + DATA == len(json.loads((package / "code.json").read_text()))
    assert expected == hashes(package, *STAGE), "as remembered"


def test_a_text_for_people_counts_where_it_is_read(package):
    path = package / "resources/book/a.toml"

    def both():
        code = Code(package / "code.json", package)
        return [code.hashes(STAGE, with_texts=asked)["code:resources/book/a.toml"] for asked in (True, False)]

    path.write_text('# why\nx = 1\nsv = "ja"\nhelp_en = "yes"\n[[y]]\nen = "no"\n', encoding="utf-8")
    before = both()
    path.write_text('x = 1\nsv = "jo"\nhelp_en = "yeah"\n[[y]]\nen = "no"\n', encoding="utf-8")
    after = both()
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)
    path.write_text('x = 2\nsv = "jo"\nhelp_en = "yeah"\n[[y]]\nen = "no"\n', encoding="utf-8")
    assert after[1] != both()[1]


def test_a_memory_that_cannot_be_kept_does_no_harm(package):
    (package / "file").write_text("")
    assert hashes(package, *STAGE) == Code(package / "file" / "code.json", package).hashes(STAGE)


def test_every_name_that_a_node_may_run_is_there(tmp_path):
    code = Code(tmp_path / "code.json", SRC)
    for entry in {entry for entries in graph._CODE.values() for entry in entries}:
        assert code.hashes([entry]), entry


def test_packages_count_if_ours_needs_them(tmp_path):
    for name, version, needs in (
        ("platform_utils", "1", ["Alpha>=1", 'editor; extra == "lab"']),
        ("alpha", "2", ["beta_x"]),
        ("beta_x", "3", []),
        ("editor", "4", []),
    ):
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        lines = "".join(f"Requires-Dist: {one}\n" for one in needs)
        (folder / "METADATA").write_text(f"Name: {name}\n{lines}\nRequires-Dist: not-a-header\n")
    found = package_versions([str(tmp_path)])
    assert {"package:alpha": "2", "package:beta-x": "3"} == {
        name: version for name, version in found.items() if name not in ("package:python", "package:machine")
    }


def test_deciding_what_to_run_imports_neither_pandas_nor_papermill():
    probe = (
        "import sys, platform_utils.workflow; print([m for m in ('pandas', 'papermill') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_packaged_data_is_named_where_it_is_asked_for():
    """A path that is not constant from its first part on would be an input that nobody sees."""
    blind = [
        f"{path.relative_to(SRC).as_posix()}:{node.lineno}"
        for path in sorted(SRC.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "resource"
        and not (node.args and isinstance(node.args[0], ast.Constant))
    ]
    assert {"release/contents.py"} == {place.partition(":")[0] for place in blind}  # no node runs that
