"""Only the gate makes what may be shown: nothing else spells how a safe file is sealed or written.

Read as text, so that ``getattr(SafeTable, "seal_up")`` and a call inside a notebook's cell count as well.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = (".py", ".ipynb", ".qmd", ".md", ".toml", ".yml", ".yaml", ".lua", ".cfg")
MAY = {"seal_up": ("protect", "spec"), "write_frame": ("spec",)}

JOINED = re.compile(r"""\\?["']\s*\+?\s*\\?["']""")
"""Where one piece of text ends and the next begins, in code or in a notebook's JSON."""


def spelled_in(text):
    return {word for word in MAY if word in JOINED.sub("", text)}


def outside(path, word):
    home = ROOT / "src" / "platform_utils"
    return not any((home / stage) in path.parents for stage in MAY[word])


def everything():
    for folder in ("src", "notebooks", "reports", "benchmarks"):
        yield from (p for p in sorted((ROOT / folder).rglob("*")) if p.suffix in KINDS and p.is_file())
    yield from sorted(ROOT.glob("*.py"))


def test_nobody_else_spells_how_something_is_sealed_or_written():
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {word}"
        for path in everything()
        for word in sorted(spelled_in(path.read_text(encoding="utf-8", errors="replace")))
        if outside(path, word)
    ]
    assert [] == found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("SafeTable.seal_up(content)", "seal_up"),
        ('getattr(SafeTable, "seal_up")(content)', "seal_up"),
        ('getattr(SafeTable, "seal" "_up")(content)', "seal_up"),
        ('getattr(gate_record, "write_" + "frame")(path)', "write_frame"),
        (r'"getattr(SafeTable, \"seal_\" + \"up\")"', "seal_up"),
        ("from platform_utils.spec.gate_record import write_frame as keep", "write_frame"),
    ],
)
def test_a_name_is_found_however_it_is_reached(text, word):
    assert {word} == spelled_in(text)


def test_the_gate_itself_is_read():
    spelled = {
        p.relative_to(ROOT).as_posix(): spelled_in(p.read_text(encoding="utf-8")) for p in everything()
    }
    assert {"seal_up"} == spelled["src/platform_utils/protect/issue.py"]
    assert {"seal_up", "write_frame"} == spelled["src/platform_utils/spec/safe.py"]
    assert any(name.endswith(".ipynb") for name in spelled) and any(name.endswith(".qmd") for name in spelled)
