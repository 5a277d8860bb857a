"""Returns come in once, under names of our own, and nothing is lost from the account."""

import dataclasses
import errno
import hashlib
import multiprocessing
import re
import tomllib
from pathlib import Path

import pytest

from platform_utils import returns
from platform_utils.errors import FileError, PlatformError, UsageError
from platform_utils.lock import one_writer
from platform_utils.returns.receipts import write_receipts
from platform_utils.validate import Correction, check_return

COVER = [["Medlems-id", "M07"], ["År", 2023], ["Formulärversion", "2023-sv"]]


@pytest.fixture
def take(workspace):
    def take(*files, **options):
        return returns.receive(
            files, **{"workspace": workspace, "source": "demo", "year": 2023, "date": "2024-03-15", **options}
        )

    return take


@pytest.fixture
def book(write_xlsx, headings, rows):
    def book(name="return.xlsx", more=(), cover=COVER):
        return write_xlsx({"Omslag": cover, "Personer": [headings, *rows, *more]}, name=name)

    return book


@pytest.fixture
def folder(workspace):
    return workspace.returns("demo", 2023)


def test_a_return_has_a_reduced_copy_and_a_receipt_with_both_hashes(take, book, folder):
    path = book()
    (receipt,) = take(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = hashlib.sha256((folder / receipt.file).read_bytes()).hexdigest()
    expected = {
        "file": f"M07-2023-{digest[:8]}.json", "received_as": "return.xlsx", "sha256": digest,
        "bytes": path.stat().st_size, "member_id": "M07", "form_version": "2023-sv", "grains": ["case"], "rows": 2,
        "received": "2024-03-15", "replaces": [], "status": "current", "kept_sha256": kept, "left_out": ["properties"],
    }  # fmt: skip
    assert [expected] == tomllib.loads((folder / "receipts.toml").read_text(encoding="utf-8"))["receipt"]
    assert not any(path.read_bytes() == entry.read_bytes() for entry in folder.iterdir())


def test_the_member_comes_from_the_cover_or_is_named_never_from_the_file(
    take, write_text, headings, rows, book
):
    path = write_text([headings, *rows], name="M07.csv")
    with pytest.raises(FileError) as caught:
        take(path)
    assert "E-130" == caught.value.code
    assert "M08" == take(path, member="M08")[0].member_id
    with pytest.raises(FileError) as caught:
        take(book(), member="M08")
    assert "E-131" == caught.value.code


def test_new_content_replaces_and_both_files_stay(take, book, folder, workspace):
    (first,) = take(book("a.xlsx"))
    (second,) = take(book("b.xlsx", more=[["A-3", "direkt utsatt", "man", 1]]))
    kept = returns.load_receipts(workspace, "demo", 2023)
    assert [("replaced", ()), ("current", (first.file,))] == [(one.status, one.replaces) for one in kept]
    assert {first.file, second.file} <= {path.name for path in folder.iterdir()}


def test_a_sheet_of_another_kind_does_not_replace(take, book, write_text, workspace):
    take(book())
    take(write_text([["Personkod", "Insats", "Insatsen gäller"], ["A-1", "x", "y"]]), member="M07")
    assert ["current", "current"] == [one.status for one in returns.load_receipts(workspace, "demo", 2023)]


def test_the_same_bytes_under_another_name_are_a_duplicate_with_a_file_of_its_own(
    take, book, folder, workspace
):
    path = book("a.xlsx")
    (first,) = take(path)
    copy = folder.parent / "kopia.xlsx"
    copy.write_bytes(path.read_bytes())
    (second,) = take(copy)
    assert ("duplicate", first.file.replace(".json", "-2.json")) == (second.status, second.file)
    whole, again = returns.read_year(workspace, "demo", 2023)
    assert (["case"], []) == (list(whole.tables), list(again.tables))
    assert [("duplicate_file", 2, second.file)] == [(e.reason, e.rows, e.file) for e in again.ledger]


def test_receiving_the_same_file_again_changes_nothing(take, book, folder):
    path = book()
    take(path)
    before = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    assert "duplicate" == take(path)[0].status
    assert before == {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_the_same_bytes_from_two_members_are_refused(take, write_text, headings, rows):
    path = write_text([headings, *rows])
    take(path, member="M07")
    with pytest.raises(FileError) as caught:
        take(path, member="M08")
    assert "E-136" == caught.value.code


def test_a_replaced_file_stays_in_the_account(take, book, workspace):
    (first,) = take(book("a.xlsx"))
    take(book("b.xlsx", more=[["A-3", "direkt utsatt", "man", 1]]))
    old, _ = returns.read_year(workspace, "demo", 2023)
    assert [(first.file, "case", "replaced_file", 2)] == [
        (e.file, e.grain, e.reason, e.rows) for e in old.ledger
    ]


@pytest.mark.parametrize(
    "bad", ["19811228-9874", "070-174 06 05", "x@example.org", "Anna Ek", "81.12.28/9874"]
)
def test_a_cell_that_could_name_a_person_is_left_out_by_place_and_its_row_held(
    take, write_text, headings, folder, workspace, bad
):
    (receipt,) = take(write_text([headings, ["A-1", bad, "man", 1], [bad, "x", "man", 1]]), member="M07")
    assert {"2 role", "3 person_code"} == set(receipt.left_out)
    (raw,) = returns.read_year(workspace, "demo", 2023)
    assert {("E-159", 2, "role"), ("E-159", 3, "person_code")} == {
        (one.code, one.row, one.variable) for one in raw.findings if one.row
    }
    assert not any(bad in entry.read_text(encoding="utf-8") for entry in folder.iterdir())


def test_only_a_copy_of_ours_is_read(take, book, folder, workspace):
    (receipt,) = take(book())
    write_receipts(workspace, "demo", 2023, [dataclasses.replace(receipt, kept_sha256="")])
    with pytest.raises(FileError) as caught:
        list(returns.read_year(workspace, "demo", 2023))
    assert "E-140" == caught.value.code


def test_traces_of_programs_are_passed_over(take, book, tmp_path):
    for name in ("~$x.xlsx", ".DS_Store", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    assert 1 == len(take(tmp_path / "~$x.xlsx", book(), tmp_path / ".DS_Store", tmp_path / "Thumbs.db"))
    with pytest.raises(UsageError) as caught:
        take(tmp_path / ".DS_Store")
    assert "E-139" == caught.value.code


@pytest.mark.parametrize(
    ("cover", "options", "code"),
    [
        ([["Medlems-id", "M99"]], {}, "E-132"),
        ([["Medlems-id", "M07"], ["År", 2022]], {}, "E-133"),
        (COVER, {"date": "15 mars"}, "E-137"),
        (COVER, {"date": None}, "E-137"),
    ],
)
def test_what_does_not_fit_is_refused(take, book, cover, options, code):
    with pytest.raises(PlatformError) as caught:
        take(book(cover=cover), **options)
    assert code == caught.value.code


def test_a_key_file_opens_a_protected_return_whose_copy_needs_no_password(
    take, book, encrypt, tmp_path, folder, workspace
):
    path = encrypt(book(), "hemligt")
    keys = tmp_path / "keys.toml"
    keys.write_text('[passwords]\nM01 = "annat"\nM07 = "hemligt"\n', encoding="utf-8")
    take(path, key_file=keys)
    assert not any(b"hemligt" in entry.read_bytes() for entry in folder.iterdir())
    (raw,) = returns.read_year(workspace, "demo", 2023)
    assert 2 == len(raw.tables["case"])


def test_the_password_is_asked_for_by_the_name_of_the_file(take, book, encrypt):
    asked = []
    take(encrypt(book("år.xlsx"), "hemligt"), ask=lambda name: asked.append(name) or "hemligt")
    assert ["år.xlsx"] == asked


@pytest.mark.parametrize("text", ["", "passwords = 1", "[passwords]\nM07 = 3", "[passwords"])
def test_an_unusable_key_file_is_refused(take, book, tmp_path, text):
    (tmp_path / "keys.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        take(book(), key_file=tmp_path / "keys.toml")
    assert "E-138" == caught.value.code


def test_a_file_that_was_changed_after_receipt_is_refused(take, book, folder, workspace):
    (receipt,) = take(book())
    (folder / receipt.file).write_bytes((folder / receipt.file).read_bytes() + b" ")
    with pytest.raises(FileError) as caught:
        list(returns.read_year(workspace, "demo", 2023))
    assert "E-140" == caught.value.code


def test_who_has_not_returned_is_known(take, book, workspace):
    assert ["M07", "M08"] == [one.id for one in returns.missing_members(workspace, "demo", 2023)]
    take(book())
    assert [("M08", "Exempelstiftelsen")] == [
        (one.id, one.name) for one in returns.missing_members(workspace, "demo", 2023)
    ]


@pytest.mark.parametrize(
    "text",
    [
        None, "", "[[member]]\nname = 'x'", "[[member]]\nid = 'a'\n[[member]]\nid = 'a'", "member = 3",
        "[[member]]\nid = '../a'", "[[member]]\nid = 'a'\nname = '=1+1'", "[[member]]\nid = 'a'\nname = '070-174 06 05'",
    ],
)  # fmt: skip
def test_an_unusable_list_of_members_is_refused(workspace, folder, text):
    (folder / "members.toml").unlink()
    if text is not None:
        (folder / "members.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        returns.load_members(workspace, "demo", 2023)
    assert "E-134" == caught.value.code


@pytest.mark.parametrize("text", ["[[receipt]]\nfile = 'x'", "receipt =", "[[receipt]]\nunknown = 1"])
def test_unusable_receipts_are_refused(workspace, folder, text):
    (folder / "receipts.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        returns.load_receipts(workspace, "demo", 2023)
    assert "E-135" == caught.value.code


def test_what_a_killed_run_left_is_cleared_away(take, book, folder):
    (folder / ".partial-x.xlsx").write_bytes(b"half")
    take(book())
    assert [] == list(folder.glob(".partial-*"))


def hold(workspace, held, done):
    with one_writer(workspace):
        held.set()
        done.wait(30)


def test_two_cannot_write_at_once_and_a_dead_writer_leaves_no_lock(take, book, workspace):
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(workspace, held, done))
    other.start()
    assert held.wait(30)
    with pytest.raises(FileError) as caught:
        take(book())
    assert "E-011" == caught.value.code
    other.kill()
    other.join()
    assert "current" == take(book())[0].status


def test_the_command_prints_receipts_refusals_and_who_is_missing(
    book, write_text, headings, workspace, monkeypatch, capsys
):
    from platform_utils.cli import main

    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(workspace.root))
    good, bad = book(), write_text([["x", "y"], ["19811228-9874", "y"]])
    status = main(
        [
            "receive",
            str(bad),
            str(good),
            "--year",
            "2023",
            "--date",
            "2024-03-15",
            "--lang",
            "sv",
            "--source",
            "demo",
        ]
    )
    shown = capsys.readouterr()
    (kept,) = returns.load_receipts(workspace, "demo", 2023)
    expected = [
        f"{kept.file}: mottagen från M07, formulär 2023-sv, 2 rader lästa.",
        "  Utelämnat ur kopian (1): properties",
        "Inte lämnat underlag för 2023 (1):",
        "  M08  Exempelstiftelsen",
        "Ännu inte kontrollerat: själva svaren. Kör platform-utils check på varje fil.",
    ]
    assert (11, expected) == (status, shown.out.splitlines())
    assert shown.err.startswith("E-114 return.csv har ingen rad med formulärets rubriker.")
    assert "19811228" not in shown.out + shown.err


def test_the_command_lists_who_has_not_returned(workspace, monkeypatch, capsys):
    from platform_utils.cli import main

    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(workspace.root))
    assert 0 == main(["receive", "--missing", "--year", "2023", "--lang", "en", "--source", "demo"])
    expected = ["Not returned for 2023 (2):", "  M07  Exempelföreningen", "  M08  Exempelstiftelsen"]
    assert expected == capsys.readouterr().out.splitlines()[:3]


@pytest.mark.parametrize(("arguments", "code"), [(["--year", "2023"], "E-139"), (["x.xlsx"], "E-141")])
def test_a_command_without_files_or_year_says_what_is_missing(
    workspace, monkeypatch, capsys, arguments, code
):
    from platform_utils.cli import main

    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(workspace.root))
    assert 2 == main(["receive", *arguments, "--lang", "en"])
    assert capsys.readouterr().err.startswith(code)


def test_a_full_disk_is_said_as_such_and_leaves_what_was_there(take, book, folder, monkeypatch):
    take(book())
    before = {entry.name: entry.read_bytes() for entry in folder.iterdir()}

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(FileError) as caught:
        take(book("again.xlsx", more=[["A-3", "direkt utsatt", "man", 1]]))
    assert ("E-014", "disken är full") == (
        caught.value.code,
        re.search("disken är full", caught.value.text("sv"))[0],
    )
    assert before == {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_last_years_rows_are_held_where_they_are_most_of_the_return(take, book, workspace):
    last = workspace.returns("demo", 2022)
    last.mkdir()
    (last / "members.toml").write_bytes((workspace.returns("demo", 2023) / "members.toml").read_bytes())
    more = [[f"A-{n}", "direkt utsatt", "man", 1] for n in range(3, 6)]
    take(book("i fjol.xlsx", more=more, cover=[COVER[0], ["År", 2022]]), year=2022)
    (receipt,) = take(book("i år.xlsx", more=[*more[:2], ["A-9", "direkt utsatt", "kvinna", 1]]))
    (raw,) = returns.read_year(workspace, "demo", 2023)
    found = [one for one in raw.findings if one.code == "E-160"]
    assert [2, 3, 4, 5] == [one.row for one in found]
    assert {"M07-2022"} == {str(one.fields["other_file"])[:8] for one in found}
    held = [e.rows for e in check_return(raw).ledger if e.reason == "held"]
    accepted = Correction(1, "accept", "the same persons", member_id="M07", expect="E-160")
    left = check_return(raw, corrections=[accepted])
    assert (5, [], (1,)) == (sum(held), [f for f in left.findings if f.code == "E-160"], left.applied)
    assert "E-160" not in receipt.left_out


def test_a_person_met_again_is_not_last_years_return(take, book, workspace):
    last = workspace.returns("demo", 2022)
    last.mkdir()
    (last / "members.toml").write_bytes((workspace.returns("demo", 2023) / "members.toml").read_bytes())
    take(book("i fjol.xlsx", cover=[COVER[0], ["År", 2022]]), year=2022)
    new = [[f"B-{n}", "direkt utsatt", "man", 1] for n in range(3)]
    take(book("i år.xlsx", more=new))
    (raw,) = returns.read_year(workspace, "demo", 2023)
    assert "E-160" not in {one.code for one in raw.findings}
