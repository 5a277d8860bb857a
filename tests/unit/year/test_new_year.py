"""A new year: what is prepared, whose ticks stay, and that whoever is killed half-way comes to the same end."""

import hashlib
from pathlib import Path

import pytest

from platform_utils import year as steps
from platform_utils.cli import main
from platform_utils.paths import Workspace, write_atomically
from platform_utils.year import Routine, load_steps, prepare

YEAR, DESK = 2018, {"deadline": "31 mars", "contact": "statistik@example.org"}


@pytest.fixture
def place(demo_years, tmp_path, monkeypatch):
    """A workspace with three returns of a year; forms are short, for their own tests are elsewhere."""
    made = demo_years.made()
    (tmp_path / "_quarto.yml").touch()
    folder = tmp_path / "data_raw" / "demo" / str(YEAR)
    folder.mkdir(parents=True)
    kept = made.receipts("demo", YEAR).read_text(encoding="utf-8").split("\n[[receipt]]")[:3]
    (folder / "receipts.toml").write_text("\n[[receipt]]".join(kept) + "\n", encoding="utf-8")
    for path in made.returns("demo", YEAR).glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder.parent / str(YEAR - 1)).mkdir()
    listed = made.members("demo", YEAR).read_bytes()
    Workspace(tmp_path).members("demo", YEAR - 1).write_bytes(listed)

    def write_form(path, year, lang, **said):
        with write_atomically(path) as partial:
            partial.write_text(f"{year} {lang} {said['member_name']}", encoding="utf-8")

    monkeypatch.setattr(prepare, "write_template", write_form)
    return Workspace(tmp_path)


def prepare_all(place, lang="sv"):
    asked = steps.list_members(place, "demo", YEAR)
    missing = steps.write_forms(place, "demo", YEAR, lang, DESK)
    held = steps.write_checks(place, "demo", YEAR, lang)
    reminded = steps.draft_reminders(place, "demo", YEAR, held, DESK)
    Routine(place.routine("demo", YEAR), YEAR, lang).write({"forms": str(missing)})
    return asked, missing, held, reminded


def stands(place):
    folders = (place.new_year("demo", YEAR), place.returns("demo", YEAR))
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {p.relative_to(place.root): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_members_are_asked_received_and_reminded(place):
    asked, missing, held, reminded = prepare_all(place)
    folder = place.new_year("demo", YEAR)
    assert asked == missing + 3 == len(held) + missing
    assert missing == len(list((folder / "forms").iterdir()))
    assert reminded == missing + sum(rows > 0 for rows in held.values())
    late = sorted(path.name for path in (folder / "reminders").iterdir())
    assert 2 * reminded == len(late)
    text = (folder / "reminders" / late[-1]).read_text(encoding="utf-8")
    assert "31 mars" in text
    assert "statistik@example.org" in text
    assert 0o700 == folder.stat().st_mode & 0o777
    assert 0o600 == (folder / "reminders" / late[0]).stat().st_mode & 0o777
    (folder / "reminders" / "M01.sv.txt").write_text("has answered since")
    prepare_all(place)
    assert not (folder / "reminders" / "M01.sv.txt").exists()


def test_ticks_and_what_is_written_after_them_stay_and_the_machine_ticks_its_own(place):
    routine = Routine(place.routine("demo", YEAR), YEAR, "sv")
    routine.write({"forms": "17"})
    people = sum(one.who == "people" for one in load_steps())
    assert people == routine.open_decisions()
    text = routine.path.read_text(encoding="utf-8")
    assert "- [x] **Maskinen:** Formulär" in text
    ticked = text.replace("[x]", "[ ]").replace("<!-- asked -->", "<!-- asked --> Anna, 3 januari")
    line = next(one for one in ticked.splitlines() if "<!-- asked -->" in one)
    routine.path.write_text(ticked.replace(line, line.replace("[ ]", "[X]")), encoding="utf-8")
    Routine(routine.path, YEAR, "en").write({"list": "20"})
    after = routine.path.read_text(encoding="utf-8")
    assert people - 1 == routine.open_decisions()
    assert "- [x] **People:** Go through" in after
    assert "<!-- asked --> Anna, 3 januari" in after
    assert "- [ ] **Machine:** Forms" in after


def test_killed_at_ten_points_and_resumed_it_ends_the_same(place, monkeypatch, tmp_path):
    prepare_all(place)
    whole, replace = stands(place), Path.replace
    for point in range(1, 31, 3):
        for path in stands(place):
            if "new_year" in path.parts or path.name in ("new_year.md", "members.toml"):
                (place.root / path).unlink()
        left = [point]

        def fail(self, target, left=left):
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(KeyboardInterrupt):
            prepare_all(place)
        monkeypatch.setattr(Path, "replace", replace)
        assert stands(place) != whole
        assert stands(place).items() <= whole.items()
        prepare_all(place)
        assert whole == stands(place)


def test_a_year_without_a_list_is_refused(place, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(place.root))
    assert 11 == main(["new-year", str(YEAR + 4)])
    assert "E-134" in capsys.readouterr().err
