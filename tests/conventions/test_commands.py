"""Every command helps with one sentence and one example, and the README shows that example."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from platform_utils.cli import build_app

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
APP = build_app()
COMMANDS = {c.name: c for c in APP.registered_commands}
EXAMPLE = re.compile(r"Example: (platform-utils [^\n]+)")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_has_one_sentence_and_one_example_that_the_readme_shows(name):
    text = COMMANDS[name].callback.__doc__
    sentence = text.strip().split("\n\n")[0]
    assert sentence.endswith(".")
    examples = EXAMPLE.findall(text)
    assert 1 == len(examples)
    assert examples[0].startswith(f"platform-utils {name}")
    assert examples[0] in README


@pytest.mark.parametrize("name", sorted(COMMANDS))
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_answers(name, flag):
    result = CliRunner().invoke(APP, [name, flag])
    assert 0 == result.exit_code
    assert "Example:" in result.output


def test_the_map_in_the_readme_is_true():
    root = Path(__file__).parents[2]
    block = README.split("<!-- map -->")[1].split("<!-- /map -->")[0]
    named = re.findall(r"^([\w./_-]+?)/?\s{2,}", block, re.MULTILINE)
    assert len(named) > 10
    assert [] == [
        name for name in named if not (root / name).exists() and name not in ("data_clean", "releases")
    ]
