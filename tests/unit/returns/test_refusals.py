"""What cannot or must not be read is refused with one code, and never with a cell's content."""

import io
import stat
import zipfile

import pytest

from platform_utils.errors import FileError
from platform_utils.returns import archive, source_file
from platform_utils.returns.source_file import check_readable, is_ignored

NUMBER = "19811228-9874"


def rezip(path, change=lambda name, content: content, extra=None):
    with zipfile.ZipFile(path) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()} | (extra or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name", ["~$return.xlsx", ".DS_Store", "Thumbs.db", "._return.xlsx", ".~lock.return.ods#", "desktop.ini"]
)
def test_traces_of_programs_are_ignored_by_name(tmp_path, name):
    assert is_ignored(tmp_path / name)


def test_what_is_not_there_or_a_folder_is_refused(tmp_path, refuse):
    (tmp_path / "folder.xlsx").mkdir()
    assert ["E-101", "E-102"] == [refuse(tmp_path / name).code for name in ("gone.xlsx", "folder.xlsx")]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_pipes_and_devices_are_refused(write_text, headings, rows, refuse, monkeypatch, kind):
    path = write_text([headings, *rows])

    class Found:
        st_mode, st_size = kind | 0o644, 10

    monkeypatch.setattr(type(path), "lstat", lambda _: Found())
    assert "E-102" == refuse(path).code


@pytest.mark.parametrize("trace", ["~$return.csv", ".~lock.return.csv#"])
def test_a_file_that_is_open_elsewhere_is_answered_with_close_it(
    write_text, headings, rows, refuse, tmp_path, trace
):
    path = write_text([headings, *rows])
    (tmp_path / trace).touch()
    error = refuse(path)
    assert "E-103" == error.code
    assert "Close it in Excel or download it" in error.text("en")
    assert "Stäng den i Excel eller ladda ner den" in error.text("sv")


def test_a_file_that_may_not_be_read_is_answered_with_close_it(
    write_text, headings, rows, refuse, monkeypatch
):
    path = write_text([headings, *rows])

    def deny(*_, **__):
        raise PermissionError

    monkeypatch.setattr(type(path), "open", deny)
    assert "E-103" == refuse(path).code


@pytest.mark.parametrize("attribute", [0x1000, 0x40000, 0x400000])
def test_a_cloud_placeholder_is_answered_with_download_it(write_text, headings, rows, monkeypatch, attribute):
    path = write_text([headings, *rows])

    class Found:
        st_mode, st_size, st_file_attributes = stat.S_IFREG | 0o644, 10, attribute

    monkeypatch.setattr(type(path), "lstat", lambda _: Found())
    with pytest.raises(FileError) as caught:
        check_readable(path)
    assert "E-103" == caught.value.code


def test_an_icloud_stub_is_answered_with_download_it(tmp_path, refuse):
    (tmp_path / ".return.xlsx.icloud").write_bytes(b"bplist00")
    assert "E-103" == refuse(tmp_path / ".return.xlsx.icloud").code


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xlsx", b"", "E-104"),
        ("a.csv", b"\xef\xbb\xbf\r\n\r\n", "E-104"),
        ("a.xlsx", b"%PDF-1.7 ...", "E-105"),
        ("a.xls", b"<html><table></table></html>", "E-105"),
        ("a.csv", b"Personkod;Roll\nA-1;\x00\n", "E-105"),
        ("a.xlsx", b"PK\x03\x04" + bytes(50), "E-106"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "E-106"),
        ("a.csv", b"a;b;c\n1;2;3\n", "E-114"),
        ("a.csv", "Personkod;Roll;Kön\n".encode(), "E-115"),
        ("a.csv", "Personkod;Roll;Kön\nA;släkting;x\n".encode() + "B;släkting;x\n".encode("cp1252"), "E-117"),
        (
            "a.csv",
            "Personkod;Roll;Kön\nA;släkting;x\n".encode("mac_roman") + "B;släkting;x\n".encode("cp1252"),
            "E-117",
        ),
        ("a.csv", 'Personkod;Roll;Kön\nA;"x;y\nB;x;y\n'.encode(), "E-123"),
        ("a.csv", "Personkod;Roll;Kön\nA;=cmd|'/c calc'!A0;y\n".encode(), "E-110"),
    ],
)
def test_bytes_that_are_no_return_are_refused(tmp_path, refuse, name, data, code):
    (tmp_path / name).write_bytes(data)
    assert code == refuse(tmp_path / name).code


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("word/document.xml", "E-105"),
        ("xl/workbook.bin", "E-105"),
        ("x.txt", "E-105"),
        ("[Content_Types].xml", "E-106"),
    ],
)
def test_an_archive_that_is_no_workbook_is_refused(tmp_path, refuse, part, code):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as made:
        made.writestr(part, "x")
    assert code == refuse(tmp_path / "a.xlsx").code


def test_inflation_is_counted_and_stopped(write_xlsx, refuse, headings, rows, monkeypatch):
    monkeypatch.setattr(archive, "LIMIT", 3_000_000)
    path = rezip(write_xlsx({"P": [headings, *rows]}), extra={"xl/media/image1.bin": bytes(4_000_000)})
    assert "E-107" == refuse(path).code


def test_nothing_opens_a_bomb_before_it_has_been_counted(write_xlsx, refuse, headings, rows, monkeypatch):
    from platform_utils.returns import opened

    def fail(*_):
        raise AssertionError

    monkeypatch.setattr(archive, "LIMIT", 1_000)
    monkeypatch.setattr(opened, "open_workbook", fail)
    assert "E-107" == refuse(write_xlsx({"P": [headings, *rows]})).code


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "docProps/core.xml"])
def test_a_document_type_is_refused_wherever_it_stands(write_xlsx, refuse, headings, rows, part):
    change = lambda name, content: content.replace(b"?>", b"?><!DOCTYPE x>", 1) if name == part else content  # noqa: E731
    assert "E-108" == refuse(rezip(write_xlsx({"P": [headings, *rows]}), change)).code


def test_a_wide_encoding_cannot_hide_a_document_type(write_xlsx, refuse, headings, rows):
    def change(name, content):
        return content.decode().encode("utf-16") if name.endswith("sheet1.xml") else content

    assert "E-106" == refuse(rezip(write_xlsx({"P": [headings, *rows]}), change)).code


@pytest.mark.parametrize(
    "part", ["xl/externalLinks/externalLink1.xml", "xl/connections.xml", "xl/queryTables/queryTable1.xml"]
)
def test_links_to_other_files_are_refused(write_xlsx, refuse, headings, rows, part):
    assert "E-109" == refuse(rezip(write_xlsx({"P": [headings, *rows]}), extra={part: b"<x/>"})).code


@pytest.mark.parametrize(
    "formula", ["=cmd|'/c calc'!A0", '=DDE("cmd","/c calc","x")', '=WEBSERVICE("http://example.org")']
)
def test_a_formula_that_starts_a_program_is_refused(write_xlsx, refuse, headings, rows, formula):
    change = lambda _, sheet: sheet.write_formula(1, 3, formula, None, 0)  # noqa: E731
    assert "E-110" == refuse(write_xlsx({"P": [headings, *rows]}, change=change)).code


def test_a_formula_with_a_bar_between_quotes_is_an_ordinary_formula(write_xlsx, read, headings, rows, found):
    change = lambda _, sheet: sheet.write_formula(1, 3, '=A1&"|"&A2', None, "1")  # noqa: E731
    assert [("W-153", "P", None, "Antal personer")] == found(
        read(write_xlsx({"P": [headings, *rows]}, change=change))
    )


def test_cells_too_far_apart_are_refused(write_xlsx, refuse, headings, rows):
    change = lambda _, sheet: sheet.write(1_000_000, 16_000, "x")  # noqa: E731
    assert "E-122" == refuse(write_xlsx({"P": [headings, *rows]}, change=change)).code


def test_a_far_cell_is_seen_in_whatever_order_the_rows_stand(write_xlsx, refuse, headings, rows):
    far = b'<sheetData><row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>'
    change = lambda name, content: content.replace(b"<sheetData>", far, 1) if "sheet1" in name else content  # noqa: E731
    assert "E-122" == refuse(rezip(write_xlsx({"P": [headings, *rows]}), change)).code


def test_rows_that_are_not_closed_are_damage(write_xlsx, refuse, headings, rows):
    def change(name, content):
        return content.replace(b"</row>", b"</row></row>", 1) if "sheet1" in name else content

    assert "E-106" == refuse(rezip(write_xlsx({"P": [headings, *rows]}), change)).code


@pytest.mark.parametrize("write", ["xlsx", "text"])
def test_more_headings_than_any_form_has_are_refused(write_xlsx, write_text, refuse, headings, write):
    lines = [headings + [f"X{n}" for n in range(296)], ["A-1", "x", "y", 1]]
    error = refuse(write_text(lines) if write == "text" else write_xlsx({"P": lines}))
    assert ("E-116", 300) == (error.code, error.fields["count"])


def test_a_file_name_that_names_a_person_is_not_repeated(write_text, refuse, headings):
    error = refuse(write_text([["x", "y"]], name=f"Anna {NUMBER}.csv"))
    assert "E-114" == error.code
    assert "Anna" not in error.text("sv") + error.text("en")


def test_a_member_of_staff_may_stand_on_the_cover(write_xlsx, read, headings, rows):
    cover = [["Medlems-id", "M07"], ["År", 2023], ["Kontakt", "x@example.org"], ["Telefon", "08-465 004 00"]]
    assert 2 == len(read(write_xlsx({"Omslag": cover, "P": [headings, *rows]})).tables["case"])


def test_the_cover_must_name_the_same_year_and_member(write_xlsx, refuse, headings, rows):
    path = write_xlsx({"Cover": [["Member id", "M07"], ["Year", 2022]], "P": [headings, *rows]})
    assert ("E-133", "E-131") == (refuse(path).code, refuse(path, year=2022, member_id="M08").code)


def test_the_form_of_another_year_is_read_and_said(write_xlsx, read, headings, rows, found):
    cover = [["Medlems-id", "M07"], ["År", 2023], ["Formulärversion", "2019-sv"]]
    raw = read(write_xlsx({"Omslag": cover, "P": [headings, *rows]}))
    assert ("2019-sv", [("W-160", "", None, "")]) == (raw.form_version, found(raw))


def test_a_password_is_asked_for_used_and_forgotten(write_xlsx, read, refuse, headings, rows, encrypt):
    path = encrypt(write_xlsx({"P": [headings, *rows]}), "hemligt")
    asked = []
    raw = read(path, password=lambda: asked.append(1) or "hemligt")
    assert (2, [1]) == (len(raw.tables["case"]), asked)
    assert "hemligt" not in repr(raw)
    codes = [refuse(path).code, refuse(path, password="").code, refuse(path, password="fel").code]
    assert ["E-111", "E-111", "E-112"] == codes
    assert "fel" not in refuse(path, password="fel").text("sv").replace("fel.", "")
    assert 2 == len(read(path, password=iter(["fel", "hemligt"])).tables["case"])


def test_a_large_container_is_refused_before_it_is_read(tmp_path, refuse, monkeypatch):
    monkeypatch.setattr(source_file, "_LARGEST", 100)
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "E-107" == refuse(tmp_path / "a.xls").code


def test_an_unforeseen_fault_is_one_calm_line(write_text, refuse, headings, rows, monkeypatch):
    from platform_utils.returns import read as module

    def stumble(*_):
        raise KeyError("A-1 kvinna")

    path = write_text([headings, *rows])
    monkeypatch.setattr(module, "_read_text", stumble)
    error = refuse(path)
    assert ("E-129", False) == (error.code, "kvinna" in error.text("sv"))


def test_an_archive_that_says_less_than_it_holds_is_damage(write_xlsx, refuse, headings, rows):
    path = write_xlsx({"P": [headings, *rows]})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as old:
        size = old.getinfo("xl/worksheets/sheet1.xml").file_size
    at = data.rfind(size.to_bytes(4, "little"))
    data[at : at + 4] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    assert "E-106" == refuse(path).code
