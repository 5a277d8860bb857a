"""Write again what is generated: the data dictionaries and the README's lists.

    python tasks.py dictionary

The package enters; ``docs/data_dictionary.*.md`` and the marked blocks of both READMEs leave. A test holds
the committed files against what this writes.
"""

from __future__ import annotations

import re
from pathlib import Path

from platform_utils.cli import build_app
from platform_utils.messages import LANGUAGES
from platform_utils.paths import write_atomically
from platform_utils.spec.dictionary import data_dictionary
from platform_utils.year import written_routine

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"Example: (platform-utils [^\n]+)")


def commands() -> str:
    """Return the table of commands: the example of each, and its one sentence."""
    rows = ["| Example | Does |", "|---|---|"]
    for command in build_app().registered_commands:
        text = (command.callback.__doc__ or "").strip()
        sentence = " ".join(text.split("\n\n")[0].split())
        rows += [f"| `{example}` | {sentence} |" for example in EXAMPLE.findall(text)]
    return "\n".join(rows)


LISTS = {
    "commands": commands,
    "year-en": lambda: written_routine("YEAR", "en").strip(),
    "year-sv": lambda: written_routine("ÅR", "sv").strip(),
}


def readme(text: str) -> str:
    """Return a README with every marked list as the package has it."""
    for name, generated in LISTS.items():
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        _, mark, after = rest.partition(f"\n<!-- /{name} -->")
        text = f"{before}<!-- {name} -->\n{generated()}{mark}{after}" if mark else text
    return text


def generated() -> dict[Path, str]:
    """Return the content of every generated file by its path."""
    pages = {ROOT / "docs" / f"data_dictionary.{lang}.md": data_dictionary(lang) for lang in LANGUAGES}
    fronts = (ROOT / "README.md", ROOT / "README.sv.md")
    return {**pages, **{front: readme(front.read_text(encoding="utf-8")) for front in fronts}}


if __name__ == "__main__":
    for path, content in generated().items():
        with write_atomically(path) as partial:
            partial.write_text(content, encoding="utf-8", newline="\n")
