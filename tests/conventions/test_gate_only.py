"""Only the gate makes what may be shown: nothing else spells how a safe table or estimate comes about.

Read as text, so that an alias, ``getattr`` and a call inside a notebook's cell count as well.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = (".py", ".ipynb", ".qmd", ".md", ".toml", ".yml", ".yaml", ".lua", ".cfg")
HOME = ("protect", "spec")

JOINED = re.compile(r"""\\?["']\s*\+?\s*\\?["']""")
"""Where one piece of text ends and the next begins, in code or in a notebook's JSON."""

SAFE = r"(?:Safe(?:Table|Estimate)|_Safe)"
WAYS = {
    "made": re.compile(rf"\b{SAFE}\s*\("),
    "another name": re.compile(rf"\b{SAFE}\s+as\b|(?<!:)=\s*(?:\w+\.)*{SAFE}\b(?!\s*[.(\]|])"),
    "a name in text": re.compile(rf"""["']{SAFE}\\?["'](?!\s*\])"""),
    "made around": re.compile(rf"\b{SAFE}\s*\.\s*__\w+__|__new__\s*\(\s*\\?\w*\.?{SAFE}"),
    "a class of one": re.compile(rf"class\s+\w+\s*\([^)]*\b{SAFE}\b"),
    "replaced": re.compile(r"\breplace\s*\([^()]*\b(?:counts|shown|hidden)\s*="),
    "the record": re.compile(r"gate\.json\\?[\"']\s*\)?\s*\.\s*(?:write|open)"),
}


def found_in(text):
    return {way for way, pattern in WAYS.items() if pattern.search(JOINED.sub("", text))}


def is_outside(path):
    home = ROOT / "src" / "platform_utils"
    return not any((home / stage) in path.parents for stage in HOME)


def everything():
    for folder in ("src", "notebooks", "reports", "benchmarks"):
        yield from (p for p in sorted((ROOT / folder).rglob("*")) if p.suffix in KINDS and p.is_file())
    yield from sorted(ROOT.glob("*.py"))


def test_nobody_else_makes_a_safe_table_or_estimate():
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {way}"
        for path in everything()
        if is_outside(path)
        for way in sorted(found_in(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert [] == found


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("SafeTable(name, universe, 'A4', (), (), ())", "made"),
        ("safe.SafeEstimate (name)", "made"),
        ("made = [SafeTable (*row) for row in rows]", "made"),
        ("from platform_utils.spec.safe import SafeTable as Made", "another name"),
        ("Made = safe.SafeTable\n", "another name"),
        ('getattr(safe, "SafeTable")(name)', "a name in text"),
        ('getattr(safe, "Safe" + "Table")(name)', "a name in text"),
        (r'"getattr(safe, \"Safe\" \"Table\")"', "a name in text"),
        ("SafeTable.__new__(SafeTable)", "made around"),
        ("object.__new__(SafeTable)", "made around"),
        ("object.__new__(safe.SafeTable)", "made around"),
        ("class Mine(SafeTable):", "a class of one"),
        ("dataclasses.replace(table, counts=(1, 2))", "replaced"),
        ('(folder / "gate.json").write_text(text)', "the record"),
    ],
)
def test_a_way_is_found_however_it_is_spelled(text, way):
    assert way in found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "def accept(table: SafeTable) -> SafeTable:",
        "isinstance(table, SafeTable)",
        "tables: Mapping[str, SafeTable] | None = None",
        "SafeTable.read(path)",
        "read = SafeTable.read(path)",
    ],
)
def test_reading_and_naming_the_kind_is_open_to_all(text):
    assert set() == found_in(text)


def test_the_gate_itself_is_read():
    makes = {p.relative_to(ROOT).as_posix(): found_in(p.read_text(encoding="utf-8")) for p in everything()}
    assert any(
        "made" in ways for name, ways in makes.items() if name.startswith("src/platform_utils/protect")
    )
    assert any(name.endswith(".ipynb") for name in makes)
    assert any(name.endswith(".qmd") for name in makes)
