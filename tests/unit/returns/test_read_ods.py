"""An .ods becomes the same rows as an .xlsx, also through LibreOffice's repeated cells."""

import zipfile

import pytest

NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "style", "table", "text")
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def text(value, extra=""):
    return f'<table:table-cell office:value-type="string" {extra}><text:p>{value}</text:p></table:table-cell>'


def number(value, extra=""):
    return f'<table:table-cell office:value-type="float" office:value="{value}" {extra}><text:p>{value}</text:p></table:table-cell>'


def row(*cells, extra=""):
    return f"<table:table-row {extra}>{''.join(cells)}</table:table-row>"


HEADER = row(*map(text, ["Personkod", "Roll", "Kön", "Antal personer"]))


@pytest.fixture
def write_ods(tmp_path):
    def write(body, before="", name="a.ods"):
        content = (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES} {CALC}>{before}<office:body>'
            f'<office:spreadsheet><table:table table:name="Personer" table:style-name="ta1">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"
        )
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content)
        return tmp_path / name

    return write


def test_cells_of_every_kind_become_text(write_ods, read, found):
    date = '<table:table-cell office:value-type="date" office:date-value="2023-04-03T00:00:00"><text:p>3 apr</text:p></table:table-cell>'
    yes = '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>SANT</text:p></table:table-cell>'
    spaced = '<table:table-cell office:value-type="string"><text:p>två<text:s text:c="2"/>ord</text:p></table:table-cell>'
    body = (
        HEADER + row(text("A-1"), spaced, yes, number("2.0")) + row(text("A-2"), text("x"), text("y"), date)
    )
    raw = read(write_ods(body))
    expected = [["A-1", "två  ord", "yes", "2"], ["A-2", "x", "y", "2023-04-03"]]
    assert expected == raw.tables["case"][["person_code", "role", "sex", "person_count"]].to_numpy().tolist()
    assert [("W-156", "Personer", 3, "Antal personer")] == found(raw)


def test_repeated_cells_and_rows_are_laid_out_and_empty_ones_cost_nothing(write_ods, read):
    body = (
        HEADER
        + row(text("A-1"), text("x", 'table:number-columns-repeated="2"'), number(1))
        + row(
            '<table:table-cell table:number-columns-repeated="16384"/>',
            extra='table:number-rows-repeated="3"',
        )
        + row(text("A-2"), text("y"), extra='table:number-rows-repeated="2"')
        + row(
            '<table:table-cell table:number-columns-repeated="16384"/>',
            extra='table:number-rows-repeated="1048000"',
        )
    )
    raw = read(write_ods(body))
    expected = [["A-1", "x", "x", 2], ["A-2", "y", "", 6], ["A-2", "y", "", 7]]
    assert expected == raw.tables["case"][["person_code", "role", "sex", "row"]].to_numpy().tolist()
    assert [("blank_row", 3)] == [(entry.reason, entry.rows) for entry in raw.ledger]


def test_hidden_rows_formulas_errors_and_merged_cells_are_seen(write_ods, read, found):
    hidden = 'table:visibility="filter"'
    columns = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    formula = 'table:formula="of:=1+1"'
    error = '<table:table-cell office:value-type="string" calcext:value-type="error" table:formula="of:=A0"><text:p>#REF!</text:p></table:table-cell>'
    body = (
        columns
        + HEADER
        + row(text("A-1"), text("x"), text("y"), number(2, formula), extra=hidden)
        + row(text("A-2"), text("x"), text("y"), f"<table:table-cell {formula}/>")
        + row(text("A-3"), text("x"), text("y"), error)
        + row(text("A-4"), text("x", 'table:number-rows-spanned="2"'), text("y"), number(1))
        + row(text("A-5"), "<table:covered-table-cell/>", text("y"), number(1))
    )
    count = "Antal personer"
    expected = [
        ("W-154", "Personer", None, ""), ("W-155", "Personer", None, "Kön"), ("E-153", "Personer", 3, count),
        ("W-153", "Personer", None, count), ("E-154", "Personer", 4, count), ("E-157", "Personer", 6, "Roll"),
    ]  # fmt: skip
    assert expected == found(read(write_ods(body)))


def test_a_hidden_sheet_is_read_and_reported(write_ods, read, found):
    style = (
        '<office:automatic-styles><style:style style:name="ta1"><style:table-properties table:display="false"/>'
        "</style:style></office:automatic-styles>"
    )
    assert [("W-158", "Personer", None, "")] == found(
        read(write_ods(HEADER + row(text("A-1"), text("x")), style))
    )


def test_a_small_file_that_would_fill_the_memory_is_refused(write_ods, refuse):
    body = HEADER + row(
        text("x", 'table:number-columns-repeated="16384"'), extra='table:number-rows-repeated="1048576"'
    )
    assert "E-122" == refuse(write_ods(body)).code


def test_a_file_with_a_password_is_refused_with_what_to_do(tmp_path, write_ods, refuse):
    path = write_ods(HEADER)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    assert "E-113" == refuse(path).code
