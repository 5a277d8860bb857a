"""What axe-core finds on finished pages: every rule, best practices too, as wide as a phone and a desk, light and dark.

    npm install --prefix AXE axe-core@4
    python benchmarks/accessible_pages.py AXE/node_modules/axe-core/axe.min.js data_clean

Prints a line per finding, and one for the sum; status 1 if anything was found.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
  one => `${one.id} (${one.impact}), ${one.nodes.length} times: ${one.nodes[0].target.join(" ")}`))"""


def findings(pages, axe, widths=WIDTHS, schemes=SCHEMES):
    """Yield page, width, scheme and what axe-core says is wrong there."""
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for width in widths:
            for scheme in schemes:
                view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                for page in pages:
                    view.goto(page.resolve().as_uri())
                    view.add_script_tag(path=axe)
                    yield from ((page, width, scheme, said) for said in view.evaluate(RUN))
                view.close()
        browser.close()


def main(axe, folder):
    pages = sorted(Path(folder).rglob("reports/*.html"))
    found = list(findings(pages, axe))
    for page, width, scheme, said in found:
        print(f"{page.name} {width} {scheme}: {said}")
    print(f"{len(pages)} pages, {len(WIDTHS)} widths, {len(SCHEMES)} schemes: {len(found)} findings")
    return bool(found) or not pages


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
