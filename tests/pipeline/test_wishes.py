"""Each wish is granted for real in a copy of the tree, by data alone, and the house stays in order."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from wishes import GRAIN, REPORT, TABLE, VARIABLE, WISHES

ROOT = Path(__file__).parents[2]
PARTS = ("src", "_extensions", "reports", "notebooks", "docs", "benchmarks", "tests/conventions", ".github")
FILES = ("README.md", "README.sv.md", "CHANGELOG.md", "CONTRIBUTING.md", "_quarto.yml", "pyproject.toml", "tasks.py", "Makefile",
         "requirements.lock", "requirements-lab.lock", "workspace.example.toml", "tests/conftest.py")  # fmt: skip
YEAR = "2019"  # the first in which the wished variable is asked, and of the years a small one
COMMANDS = (
    ["-m", "platform_utils", "demo", "--years", YEAR, "--seed", "1"],
    ["-m", "platform_utils", "report", "contact", YEAR, "--lang", "sv,en", "--to", "html,pdf,docx"],
    ["docs/generate.py"],
)


def run(root, *words):
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "PLATFORM_UTILS_HOME": str(root)}
    return subprocess.run(
        [sys.executable, *words], cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def granted(tmp_path_factory):
    """A copy of the tree in which all four are granted, and the years that it then makes."""
    root = tmp_path_factory.mktemp("granted")
    ignore = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=ignore)
    shutil.copytree(ROOT / "data_raw" / "published", root / "data_raw" / "published")
    for name in FILES:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, root / name)
    for wish in WISHES:
        wish.grant(root)
    for words in COMMANDS:
        done = run(root, *words)
        assert 0 == done.returncode, done.stdout + done.stderr
    return root


def safe(root, name):
    return pd.read_parquet(root / "data_clean/demo/controlled" / YEAR / "tables" / f"{name}.parquet")


def test_a_variable_is_asked_answered_and_cleaned(granted):
    (cleaned,) = (granted / "data_clean/demo/restricted" / YEAR).glob("clean__case.parquet")
    answers = pd.read_parquet(cleaned)["contact_channel"]
    assert {"phone", "visit", "online", "blank"} <= set(answers)
    assert "Hur kontakten togs" in (granted / "docs/data_dictionary.sv.md").read_text(encoding="utf-8")


def test_a_table_is_counted_and_protected(granted):
    table = safe(granted, "contact_channel")
    assert ["phone", "visit", "online"] == list(table["contact_channel"])[:3]
    assert "total" in set(table["contact_channel"])


def test_a_report_stands_in_two_languages_and_three_formats(granted):
    folder = granted / "data_clean/demo/controlled" / YEAR / "reports"
    names = {f"contact-{YEAR}.{lang}.{kind}" for lang in ("sv", "en") for kind in ("html", "pdf", "docx")}
    assert names <= {path.name for path in folder.iterdir()}
    for lang, title in (("sv", f"Hur kontakten togs {YEAR}"), ("en", f"How contact was made {YEAR}")):
        page = (folder / f"contact-{YEAR}.{lang}.html").read_text(encoding="utf-8")
        assert f"<title>{title}</title>" in page
        assert 'id="tbl-contact-channel"' in page
        assert 'id="fig-contact-channel"' in page


def test_a_grain_is_read_cleaned_counted_and_protected(granted):
    cleaned = pd.read_parquet(granted / "data_clean/demo/restricted" / YEAR / "clean__stay.parquet")
    assert {"sheltered", "emergency"} == set(cleaned["stay_kind"])
    assert cleaned["nights"].between(1, 120).all()
    table = safe(granted, "stay_kind").set_index("stay_kind")["count"]
    assert len(cleaned) == table["total"]


def test_the_house_is_in_order_afterwards(granted):
    """The conventions about texts, documents, lists and help: no wish adds a module or a message for the others."""
    about = [
        "test_texts.py",
        "test_generated.py",
        "test_commands.py",
        "test_gate_only.py::test_nobody_else_makes_a_safe_table_or_estimate",
    ]
    options = ["-n", "0", "-q", "-p", "no:cacheprovider", "-k", "not in_both_languages_with_the_same_fields"]
    done = run(granted, "-m", "pytest", *options, *(f"tests/conventions/{one}" for one in about))
    assert 0 == done.returncode, done.stdout[-3000:]


def test_what_they_cost_is_little_and_no_code():
    cost = {wish.name: wish.cost() for wish in WISHES}
    assert all(not name.endswith(".py") for wish in WISHES for name in wish.added)
    assert {VARIABLE.name: 4, TABLE.name: 1, REPORT.name: 3, GRAIN.name: 6} == {
        n: c[0] for n, c in cost.items()
    }
    assert max(lines for _, lines in cost.values()) <= 90
