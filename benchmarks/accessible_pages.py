"""What axe-core finds on finished pages: every rule, best practices too, as wide as a phone and a desk, light and dark.

    npm install --prefix AXE axe-core@4
    python benchmarks/accessible_pages.py AXE/node_modules/axe-core/axe.min.js data_clean [annual-2023 nsp …]

Prints a line per page as it is done, one per finding, and one for the sum; status 1 if anything was found.
Names after the folder take the pages that begin so: a folder can be gone through in parts.
"""

import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
PATIENCE = 300_000  # milliseconds for a page: on a busy machine the annex takes a minute
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
  one => `${one.id} (${one.impact}), ${one.nodes.length} times: ${one.nodes[0].target.join(" ")}`))"""


def findings(pages, axe, widths=WIDTHS, schemes=SCHEMES):
    """Yield page, width, scheme and what axe-core says is wrong there."""
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for page in pages:
            for width in widths:
                for scheme in schemes:  # a view of its own each: one that has seen many pages grows slow
                    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                    view.set_default_timeout(PATIENCE)
                    view.goto(page.resolve().as_uri())
                    view.add_script_tag(path=axe)
                    yield from ((page, width, scheme, said) for said in view.evaluate(RUN))
                    view.close()
        browser.close()


def main(axe, folder, *names):
    everything = sorted({*Path(folder).rglob("reports/*.html"), *Path(folder).rglob("feedback/*.html")})
    pages = [page for page in everything if page.name.startswith(names or "")]
    found = []
    for page in pages:
        started = time.monotonic()
        here = list(findings([page], axe))
        print(f"{page.name}: {len(here)} findings, {time.monotonic() - started:.0f} s", flush=True)
        for _, width, scheme, said in here:
            print(f"  {width} {scheme}: {said}", flush=True)
        found += here
    print(f"{len(pages)} pages, {len(WIDTHS)} widths, {len(SCHEMES)} schemes: {len(found)} findings")
    return bool(found) or not pages


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
