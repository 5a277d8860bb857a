"""The report in a real browser, as wide as a desk and as narrow as a phone."""

import html
import json
import re
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed")

HEADINGS = {"annual": 3, "annual_tables": 40}
"""Fewest column headings of each page."""
WIDTHS = {"phone": 390, "desk": 1280}
LOOK = """
<script>
addEventListener("load", () => setTimeout(() => {
  const page = document.querySelector("iframe").contentDocument, view = page.defaultView;
  const shown = [...page.querySelectorAll("p, td, th, li, figcaption")].filter(one => one.innerText.trim());
  const wide = [...page.querySelectorAll("table")].filter(one => one.scrollWidth > view.innerWidth);
  document.body.dataset.seen = JSON.stringify({
    width: page.documentElement.scrollWidth,
    loaded: view.performance.getEntriesByType("resource").map(one => one.name)
      .filter(name => !name.startsWith("data:")),
    broken: [...page.images].filter(one => !one.naturalWidth || !one.alt).length,
    images: page.images.length,
    smallest: Math.min(...shown.map(one => parseFloat(view.getComputedStyle(one).fontSize))),
    stuck: wide.filter(one => !["auto", "scroll"].includes(
      view.getComputedStyle(one.closest("div, figure")).overflowX)).length,
    headings: [...page.querySelectorAll("thead th")].filter(one => one.offsetHeight).length,
  });
}, 500));
</script>
"""


@pytest.fixture(scope="module", params=[(name, width) for name in HEADINGS for width in WIDTHS], ids="-".join)
def seen(request, demo_years, tmp_path_factory):
    """What a browser makes of the report of 2018, or of its table annex, at one width."""
    name, width = request.param[0], WIDTHS[request.param[1]]
    report = demo_years.report(2018, "sv", name=name).read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("browser")
    frame = f'<iframe style="width:{width}px;height:800px;border:0" srcdoc="{html.escape(report)}"></iframe>'
    (folder / "page.html").write_text(
        f'<!doctype html><meta charset="utf-8"><body>{frame}{LOOK}', encoding="utf-8"
    )
    command = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,900",
        f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=20000", "--dump-dom",
        (folder / "page.html").as_uri(),
    ]  # fmt: skip
    dumped = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True
    )
    found = re.search(r'data-seen="([^"]*)"', dumped.stdout)
    assert found, "the page did not finish loading"
    return {"asked": width, "name": name} | json.loads(html.unescape(found[1]))


def test_nothing_runs_out_of_the_page_sideways(seen):
    assert seen["width"] <= seen["asked"]
    assert 0 == seen["stuck"]


def test_pictures_are_drawn_and_described_and_nothing_is_asked_of_other_hosts(seen):
    assert seen["images"] >= 5 * (seen["name"] == "annual")
    assert 0 == seen["broken"]
    assert [] == seen["loaded"]


def test_text_is_large_enough_to_read_and_tables_keep_their_headings(seen):
    assert seen["smallest"] >= 12
    assert seen["headings"] >= HEADINGS[seen["name"]]
