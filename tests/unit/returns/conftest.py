"""Small returns of every kind, made where a test needs them."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from platform_utils import returns
from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace

HEADINGS = ["Personkod", "Roll", "Kön", "Antal personer"]
ROWS = [["A-1", "direkt utsatt", "kvinna", 1], ["A-2", "syskon till utsatt", "man", 2]]


@pytest.fixture
def headings():
    return list(HEADINGS)


@pytest.fixture
def rows():
    return [list(row) for row in ROWS]


@pytest.fixture
def write_xlsx(tmp_path):
    """Write sheets (name to rows) as .xlsx; ``change`` gets workbook and sheets."""

    def write(sheets, name="return.xlsx", change=None, **options):
        path = tmp_path / name
        with xlsxwriter.Workbook(path, options) as workbook:
            made = {}
            for title, lines in sheets.items():
                made[title] = workbook.add_worksheet(title)
                for number, line in enumerate(lines):
                    made[title].write_row(number, 0, line)
            if change:
                change(workbook, *made.values())
        return path

    return write


@pytest.fixture
def write_text(tmp_path):
    """Write lines of cells as a text file."""

    def write(lines, name="return.csv", delimiter=";", encoding="utf-8"):
        path = tmp_path / name
        text = "".join(delimiter.join(map(str, line)) + "\n" for line in lines)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


@pytest.fixture
def read():
    def read(path, year=2023, member_id="M07", **options):
        return returns.read_return(path, year=year, member_id=member_id, **options)

    return read


@pytest.fixture
def refuse(read):
    """Return the error with which a file is refused."""

    def refuse(path, **options):
        with pytest.raises(PlatformError) as caught:
            read(path, **options)
        return caught.value

    return refuse


@pytest.fixture
def found():
    """Return the findings of a return as (code, sheet, row, column), but for columns the short test forms lack."""

    def found(raw):
        return [(f.code, f.sheet, f.row, f.column) for f in raw.findings if f.code not in ("W-151", "E-161")]

    return found


@pytest.fixture
def set_aside():
    def set_aside(raw):
        return {(entry.sheet, entry.reason): entry.rows for entry in raw.ledger}

    return set_aside


@pytest.fixture
def workspace(tmp_path):
    """A workspace whose 2023 list has two members."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "_quarto.yml").touch()
    made = Workspace(root)
    folder = made.returns("demo", 2023)
    folder.mkdir(parents=True)
    entries = [("M07", "Exempelföreningen"), ("M08", "Exempelstiftelsen")]
    text = "".join(
        f'[[member]]\nid = "{id_}"\nname = "{name}"\nmembership_form = "full"\ncounty = "stockholm"\n'
        for id_, name in entries
    )
    (folder / "members.toml").write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def encrypt():
    """Return a function that puts a password on an .xlsx."""
    from msoffcrypto.format.ooxml import OOXMLFile

    def encrypt(path: Path, password: str) -> Path:
        memory = io.BytesIO()
        OOXMLFile(io.BytesIO(path.read_bytes())).encrypt(password, memory)
        path.write_bytes(memory.getvalue())
        return path

    return encrypt
