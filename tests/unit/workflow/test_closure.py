"""Code counts by what a node calls; comments and docstrings do not count."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from platform_utils.workflow.closure import Closure, entries_of
from platform_utils.workflow.module_facts import Memory
from platform_utils.workflow.packages import package_versions

MODULE = "platform_utils.m"
SRC = Path(__file__).parents[3] / "src" / "platform_utils"


@pytest.fixture
def package(tmp_path):
    (tmp_path / "stage").mkdir()
    (tmp_path / "resources" / "words").mkdir(parents=True)
    (tmp_path / "resources" / "words" / "sv.toml").write_text("a = 1")
    (tmp_path / "resources" / "plan.toml").write_text("b = 1")
    files = {
        "__init__.py": "",
        "m.py": "from platform_utils import stage\nA = 1\nB = 2\n\ndef g():\n    return A\n\n"
        "def f():\n    return stage.run(g())\n\ndef h():\n    return B\n",
        "paths.py": "def resource(*parts):\n    return parts\n",
        "stage/__init__.py": "from platform_utils.stage.step import run\n",
        "stage/step.py": "from platform_utils.paths import resource\n\ndef run(x):\n"
        '    """Run."""\n    return resource("words", f"{x}.toml")\n',
        "other.py": 'from platform_utils.paths import resource\n\ndef plan():\n    return resource("plan.toml")\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def hashes(package, *entries, memory=None):
    return Closure(memory, package).hashes(entries)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def changed(package, entry, path, old, new):
    before = hashes(package, entry)
    edit(package / path, old, new)
    after = hashes(package, entry)
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("m.py", "A = 1", "A = 3", [f"{MODULE}:f"]),
        ("m.py", "B = 2", "B = 3", []),
        ("m.py", "A = 1", "A = 1  # why", []),
        ("stage/step.py", '"""Run."""', '"""Run it."""', []),
        ("stage/step.py", "{x}", "{x}s", ["platform_utils.stage.step"]),
        ("resources/words/sv.toml", "1", "2", ["resources/words/sv.toml"]),
        ("resources/plan.toml", "1", "2", []),
        ("other.py", "plan.toml", "plans.toml", []),
    ],
)
def test_what_a_function_reaches_moves_its_hashes_and_nothing_else_does(package, path, old, new, expected):
    assert expected == changed(package, f"{MODULE}:f", path, old, new)


def test_a_module_taken_as_a_whole_counts_as_a_whole(package):
    (package / "n.py").write_text(
        "from platform_utils import m\n\ndef f(name):\n    return getattr(m, name)()\n"
    )
    assert [MODULE] == changed(package, "platform_utils.n", "m.py", "B = 2", "B = 3")


def test_a_method_of_an_imported_name_is_no_function_of_its_module(package):
    (package / "n.py").write_text("from platform_utils.m import A\n\ndef f():\n    return A.g()\n")
    assert MODULE in hashes(package, "platform_utils.n:f")


def test_remembered_facts_are_those_of_the_same_text(package, tmp_path):
    path = tmp_path / "code.json"
    first = hashes(package, f"{MODULE}:f", memory=Memory(path))
    assert first == hashes(package, f"{MODULE}:f", memory=Memory(path))
    edit(package / "stage" / "step.py", "{x}", "{x}s")
    assert first != hashes(package, f"{MODULE}:f", memory=Memory(path))


@pytest.mark.parametrize("text", ["", "{", '{"maker": "x", "facts": {}}', '{"facts": 1}'])
def test_a_memory_that_is_torn_or_of_other_code_counts_as_none(package, tmp_path, text):
    path = tmp_path / "code.json"
    path.write_text(text)
    assert hashes(package, f"{MODULE}:f") == hashes(package, f"{MODULE}:f", memory=Memory(path))
    assert json.loads(path.read_text())["facts"]


def test_entries_name_functions_of_modules_and_whole_packages():
    source = "from platform_utils import pipeline, publish\npipeline.clean(1)\npublish.load()\nimport pandas"
    assert {"platform_utils.pipeline:clean", "platform_utils.publish:load"} == entries_of(source)


def test_cleaning_reaches_validation_and_codebook_data_but_not_the_gate():
    reached = Closure().hashes(["platform_utils.pipeline:clean"])
    assert {"platform_utils.validate", "platform_utils.spec.codebook"} <= set(reached)
    assert {"resources/codebook/codes.toml", "resources/messages/validate.toml"} <= set(reached)
    assert not [
        key for key in reached if key.startswith(("platform_utils.protect", "platform_utils.publish"))
    ]


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


@pytest.mark.parametrize(
    "line",
    ["G.sum = min", "stage.run(1)", "for n in G:\n    n()", "G[0] = B", "if G:\n    stage.run(2)", "del G.x"],
)
def test_what_a_module_runs_at_its_top_counts_for_each_of_its_functions(package, line):
    edit(package / "m.py", "A = 1\n", f"import pandas as G\n{line}\nA = 1\n")
    for name in "fgh":
        before = hashes(package, f"{MODULE}:{name}")
        edit(package / "m.py", f"{line}\n", "\n")
        assert before[f"{MODULE}:{name}"] != hashes(package, f"{MODULE}:{name}")[f"{MODULE}:{name}"]
        edit(package / "m.py", "import pandas as G\n\n", f"import pandas as G\n{line}\n")


def test_what_is_run_at_the_top_brings_what_it_reaches(package):
    assert "platform_utils.stage.step" not in hashes(package, f"{MODULE}:h")
    edit(package / "m.py", "A = 1\n", "stage.run(1)\nA = 1\n")
    assert "platform_utils.stage.step" in hashes(package, f"{MODULE}:h")


def test_texts_imports_and_types_at_the_top_do_not_count(package):
    before = hashes(package, f"{MODULE}:h")
    edit(package / "m.py", "A = 1\n", "import json\n'a text'\nif TYPE_CHECKING:\n    import re\nA = 1\n")
    assert before == hashes(package, f"{MODULE}:h")
