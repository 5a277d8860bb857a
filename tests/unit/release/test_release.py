"""A release is frozen once, whole, signed by two people, and never changes."""

from datetime import date

import pandas as pd
import pytest
import signing

from platform_utils import pipeline
from platform_utils.errors import FileError, NotReproducible, NotSignedOff, PlatformError, UsageError
from platform_utils.paths import Workspace
from platform_utils.protect import Demand, load_rule, protect
from platform_utils.release import (
    enrol_reader,
    freeze_release,
    open_ledger,
    open_reader,
    read_release,
    release_candidate,
    releases_of,
)
from platform_utils.release.contents import checksums
from platform_utils.spec.counts import CountTable, Universe
from platform_utils.verify import check_untouched

FILES = {"reports/annual-2023.sv.html": b"<p>520</p>", "tables/2023/role.parquet": b"x"}


@pytest.fixture
def place(tmp_path):
    (tmp_path / "_quarto.yml").touch()
    return Workspace(tmp_path)


def sign(place, name, files=FILES, decision="approve"):
    signing.sign_release(place, name, 2023, files, decision=decision)


def freeze(place, files=FILES, **options):
    return freeze_release(place, "demo", 2023, files, (), date="2024-08-15", **options)


def test_two_people_freeze_a_release_that_reads_back(place):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    made = freeze(place)
    assert "2023-1" == made.id
    assert ("A. Ett", "B. Två") == made.signed_by
    assert made == read_release(place.releases("demo") / "2023-1")
    assert FILES == check_untouched(place.releases("demo") / "2023-1")
    assert 2 == checksums(FILES).count("\n")


@pytest.mark.parametrize("names", [[], ["A. Ett"], ["A. Ett", "A. Ett"]])
def test_fewer_than_two_different_keys_do_not(place, names):
    for name in names:
        sign(place, name)
    with pytest.raises(NotSignedOff, match="E-804"):
        freeze(place)
    assert () == releases_of(place, "demo")


def test_a_signature_holds_for_one_digest_only(place):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    with pytest.raises(NotSignedOff, match="E-804"):
        freeze(place, FILES | {"tables/2023/role.parquet": b"y"})


def test_one_who_asks_for_a_change_stops_it(place):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    sign(place, "C. Tre", decision="change")
    with pytest.raises(NotSignedOff, match="E-805"):
        freeze(place)


def test_a_correction_names_what_it_replaces_and_why(place):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    freeze(place)
    sign(place, "A. Ett")
    sign(place, "B. Två")
    with pytest.raises(UsageError, match="E-807"):
        freeze(place)
    with pytest.raises(UsageError, match="E-807"):
        freeze(place, replaces="2023-9", reason="a count was wrong")
    corrected = freeze(place, replaces="2023-1", reason="a count was wrong")
    assert ("2023-2", "2023-1") == (corrected.id, corrected.replaces)
    assert ["2023-1", "2023-2"] == [each.id for each in releases_of(place, "demo", 2023)]


def test_a_signature_lets_one_release_out(place):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    freeze(place)
    with pytest.raises(NotSignedOff, match="E-836"):
        freeze(place, replaces="2023-1", reason="again")


@pytest.mark.parametrize("name", [" a. ett ", "A Ett", "Á. Ètt", "A.\u00adEtt", "", " . ", "A. E\u0167t"])
def test_a_name_that_looks_like_a_readers_is_no_second_reader(place, name):
    sign(place, "A. Ett")
    with pytest.raises(UsageError, match="E-834"):
        signing.enrol(place, name)


@pytest.mark.parametrize(
    "name",
    ["\u0410. Ett", "\u0410\u0410", "A. Ett\u3164", "B\u115f", "\uffa0", "B\u2800", "Ek, 811228-9874", "B 2"],
)
def test_a_name_has_letters_of_one_script_alone(place, name):
    signing.enrol(place, "A. Ett", "Åsa O\u2019Brien-Ek")
    with pytest.raises(UsageError, match="E-834"):
        signing.enrol(place, name)


def test_a_key_comes_once_however_it_is_written(place):
    ledger = signing.enrol(place, "A. Ett")
    with pytest.raises(UsageError, match="E-834"):
        enrol_reader(ledger, "B. Två", ledger.lines[0].content["key"].upper(), day=signing.DAY)


def test_a_reason_that_would_name_a_person_is_not_kept(place, monkeypatch):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    freeze(place)
    with pytest.raises(UsageError, match="E-837"):
        freeze(place, replaces="2023-1", reason="811228-9874 was counted twice")
    candidate = release_candidate(place, "demo", 2023, FILES, ())
    reader = open_reader(open_ledger(place, "demo"), "A. Ett")
    with pytest.raises(UsageError, match="E-837"):
        candidate.signed(reader, signing.demo_key("A. Ett"), day=signing.DAY, reason="070-174 06 05")


def test_a_changed_file_is_noticed(place):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    freeze(place)
    path = place.releases("demo") / "2023-1" / "tables" / "2023" / "role.parquet"
    path.chmod(0o644)
    path.write_bytes(b"y")
    with pytest.raises(NotReproducible, match=r"E-808 .*1 files .*tables/2023/role\.parquet"):
        check_untouched(place.releases("demo") / "2023-1")


@pytest.mark.parametrize("name", ["extra.html", "reports/annual-2023.en.html", "tables/2023/.note"])
def test_an_added_file_is_noticed(place, name):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    folder = place.releases("demo") / freeze(place).id
    (folder / name).write_bytes(b"z")
    with pytest.raises(NotReproducible, match=f"E-808 .*1 files .*{name}"):
        check_untouched(folder)


@pytest.mark.parametrize(("old", "new"), [("B. Två", "C. Tre"), ("2024-08-15", "2024-08-16")])
def test_other_words_of_a_release_about_itself_are_noticed(place, old, new):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    path = place.releases("demo") / freeze(place).id / "release.toml"
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(NotReproducible, match=r"E-808 .*1 files .*release\.toml"):
        check_untouched(path.parent)


@pytest.mark.parametrize(
    ("name", "code"), [("SHA256SUMS", "E-806"), ("release.toml", "E-806"), ("release.sha256", "E-808")]
)
def test_a_release_without_its_own_files_is_refused(place, name, code):
    sign(place, "A. Ett")
    sign(place, "B. Två")
    folder = place.releases("demo") / freeze(place).id
    (folder / name).unlink()
    with pytest.raises(PlatformError, match=code):
        check_untouched(folder)


@pytest.mark.parametrize("text", [b'name = "A', b"name = 5", b"\xff", b"other = 1"])
def test_a_torn_sign_off_is_refused_in_one_line(place, text):
    sign(place, "A. Ett")
    next((place.releases("demo") / "sign_off").rglob("*.toml")).write_bytes(text)
    with pytest.raises(FileError, match="E-813"):
        freeze(place)


def test_an_incomplete_sign_off_is_refused(place):
    with pytest.raises(UsageError, match="E-803"):
        sign(place, "A. Ett", decision="maybe")


def test_a_freeze_killed_before_its_folder_had_a_name_is_finished_by_the_next(place, monkeypatch):
    sign(place, "A. Ett")
    sign(place, "B. Två")

    def kill(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("platform_utils.release.outgoing._name", kill)
        with pytest.raises(KeyboardInterrupt):
            freeze(place)
    assert () == releases_of(place, "demo")
    finished = freeze(place, {"reports/annual-2023.sv.html": b"not what was signed"})
    assert ("2023-1", ("A. Ett", "B. Två")) == (finished.id, finished.signed_by)
    assert FILES == check_untouched(place.releases("demo") / "2023-1")


def test_a_year_that_shows_tables_of_the_year_before_is_signed_for_what_is_new(place, monkeypatch):
    for name in ("check_before_release", "keep_rows"):
        monkeypatch.setattr(pipeline, name, lambda *_, **__: None)
    (before,), (now,) = (
        protect(Demand([CountTable("role", Universe("all", year, "demo"), (), counted)], load_rule())).tables
        for year, counted in ((2022, pd.DataFrame({"count": [60]})), (2023, pd.DataFrame({"count": [70]})))
    )
    signing.enter(place, [before], release="2022-1", day=date(2023, 8, 15))
    for name in ("A. Ett", "B. Två"):
        signing.sign_release(place, name, 2023, FILES, [before, now])
    freeze_release(place, "demo", 2023, FILES, [before, now], date="2024-08-15")
    ledger = open_ledger(place, "demo")
    assert {"2022-1": 2022, "2023-1": 2023} == {e.release: e.population[1] for e in ledger.entries}
