"""axe-core finds nothing on the report, best practices included, on a phone and on a desk, light and dark."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

AXE = os.environ.get("AXE_CORE", "")
pytestmark = [
    pytest.mark.skipif(not AXE, reason="AXE_CORE does not name axe.min.js of the npm package axe-core"),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium, which is not installed"),
]
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "accessible_pages.py"


@pytest.fixture(scope="module")
def pages_script():
    spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["annual", "annual_tables"])
def test_axe_finds_nothing(name, pages_script, demo_years):
    page = demo_years.report(2018, "sv", name=name)
    assert [] == list(pages_script.findings([page], AXE))


def test_axe_finds_what_is_wrong(pages_script, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>x</title><img src='data:,'>", encoding="utf-8")
    said = " ".join(told for *_, told in pages_script.findings([page], AXE, (390,), ("light",)))
    assert "html-has-lang" in said and "image-alt" in said
