"""Modules stay readable, public things are documented, folder names have one speller."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from trees import tree_of

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "platform_utils"
FILES = sorted(SRC.rglob("*.py"))
FOLDERS = re.compile(
    r"""["'](?:data_raw|data_clean|restricted|controlled|releases|notebooks|reports|_extensions)["'/]"""
)


def identify(path):
    return path.relative_to(SRC).as_posix()


@pytest.mark.parametrize("path", FILES, ids=identify)
def test_a_module_stops_at_400_lines_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert ast.get_docstring(tree_of(path)), "no module docstring"


@pytest.mark.parametrize("path", FILES, ids=identify)
def test_public_things_have_docstrings_and_annotations(path):
    tree = tree_of(path)
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            assert node.returns is not None, f"{node.name} has no return annotation"
            assert all(a.annotation for a in arguments), f"{node.name} has an argument without annotation"


@pytest.mark.parametrize("path", [p for p in FILES if p.stem != "paths"], ids=identify)
def test_only_paths_spells_folder_names(path):
    tree = tree_of(path)
    docstrings = {
        id(n.body[0].value)
        for n in ast.walk(tree)
        if hasattr(n, "body") and isinstance(n.body, list) and n.body and isinstance(n.body[0], ast.Expr)
    }
    spelled = [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant)
        and isinstance(n.value, str)
        and id(n) not in docstrings
        and FOLDERS.search(f"'{n.value}'")
    ]
    assert [] == [
        s
        for s in spelled
        if s in ("data_raw", "data_clean", "restricted", "controlled", "releases") or "data_clean/" in s
    ]


def test_no_bare_assert_outside_tests():
    found = [
        f"{identify(p)}:{n.lineno}" for p in FILES for n in ast.walk(tree_of(p)) if isinstance(n, ast.Assert)
    ]
    assert [] == found


def test_only_config_and_paths_read_the_environment():
    found = [identify(p) for p in FILES if "os.environ" in p.read_text(encoding="utf-8")]
    # a forked kernel and who asks for it hand an environment on, whole
    handed_on = {"execute/fork_client.py", "execute/fork_server.py"}
    assert set(found) <= {"config.py", "paths.py", *handed_on}


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: there is no list of tracked files to look at")
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_no_workbook_parquet_or_person_row_is_tracked():
    kept = (ROOT / "tests", ROOT / "src" / "platform_utils" / "resources", ROOT / "data_raw" / "published")
    kinds = (".xlsx", ".xls", ".xlsm", ".ods", ".csv", ".tsv", ".parquet")
    found = [p for p in tracked() if p.suffix in kinds and not any(p.is_relative_to(k) for k in kept)]
    assert [] == found
    assert [] == [p for p in tracked() if p.is_relative_to(ROOT / "data_raw" / "members")]


def test_the_locks_are_hashed_and_name_no_address():
    for name in ("requirements.lock", "requirements-lab.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        packages = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert len(packages) > 50
        assert len(re.findall(r"^[a-z0-9].*\\$", text, re.MULTILINE)) == len(packages)
