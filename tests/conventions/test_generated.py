"""What is generated is what the package says today: `python tasks.py dictionary` writes it again."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def generator():
    found = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_committed_pages_and_lists_are_what_the_package_says():
    for path, content in generator().generated().items():
        assert path.read_text(encoding="utf-8") == content, f"{path.name}: python tasks.py dictionary"


def test_a_list_that_is_out_of_date_is_written_anew_and_nothing_else():
    stale = "before\n<!-- commands -->\n| old |\n<!-- /commands -->\nafter"
    fresh = generator().readme(stale)
    assert fresh.startswith("before\n<!-- commands -->\n| Example | Does |")
    assert fresh.endswith("<!-- /commands -->\nafter")
    assert "| old |" not in fresh
