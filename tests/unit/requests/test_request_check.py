"""Twenty flawed requests name their cause, twenty sound ones are not stopped; benchmarks/flawed_requests.py has 200."""

from itertools import product

import pytest
from test_requests import REQUEST, clean_year

from platform_utils import clean as cleaning
from platform_utils import cli
from platform_utils.paths import Workspace

WHY = REQUEST.replace('"Who reports."', '"To see whether groups differ."').replace(
    '"A thesis."', '"A chapter of a thesis."'
)
ONE = WHY.replace('["police_report", "sex"]', '["sex"]')
ASKED = 'dimensions = ["police_report", "sex"]'


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    root = tmp_path_factory.mktemp("check")
    (root / "_quarto.yml").touch()
    cleaning.write_year(clean_year(), Workspace(root).restricted("demo", 2023))
    return root


def checked(desk, tmp_path, text, monkeypatch, capsys, name="r.toml"):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(desk))
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    words = ["request", "check", str(path), "--source", "demo", "--lang", "en", "--date", "2026-05-01"]
    status = cli.main(words)
    said = capsys.readouterr()
    return status, {w.strip(".,:") for w in f"{said.out} {said.err}".split() if w.startswith("E-")}


# in the proportions in which OpenSAFELY prints why outputs bounce
@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((WHY.replace(ASKED, f"dimensions = {raw}"), "E-822") for raw in (
            '["person_code"]', '["age_years"]', '["case_id"]', '["sex", "form", "nsp"]', '["form", "support_given"]')),
        (WHY.replace(ASKED, 'dimensions = ["county"]'), "E-408"),
        (ONE.replace("A chapter of a thesis.", ""), "E-821"), (ONE.replace("A chapter of a thesis.", "Thesis"), "E-875"),
        (ONE.replace("Statistics for research.", "Yes"), "E-875"), (ONE.replace("Statistics for research.", " "), "E-821"),
        (ONE.replace("To see whether groups differ.", "x x x"), "E-875"),
        (WHY, "E-876"), *((WHY.replace(ASKED, f'dimensions = ["{a}", "{b}"]'), "E-876") for a, b in (
            ("sex", "police_report"), ("police_report", "sex"))),
        (WHY.replace('"direct"', '"all"'), "E-876"),
        (ONE.replace("[2023]", "[2031]"), "E-306"), (ONE.replace("[2023]", "[2024]"), "E-306"),
        ("PK\x03\x04", "E-820"), ("a;b\n1;2\n", "E-820"),
        (ONE.replace("2026-12-31", "2026-04-30"), "E-825"),
    ],
)  # fmt: skip
def test_a_flawed_request_names_its_cause(text, code, desk, tmp_path, monkeypatch, capsys):
    status, codes = checked(desk, tmp_path, text, monkeypatch, capsys)
    assert status
    assert code in codes


@pytest.mark.parametrize(
    ("what", "who", "lang"),
    product(
        ("sex", "police_report", "nsp", "mmm_access", "authority_support"), ("direct", "all"), ("sv", "en")
    ),
)
def test_a_sound_request_is_not_stopped(what, who, lang, desk, tmp_path, monkeypatch, capsys):
    text = ONE.replace('["sex"]', f'["{what}"]').replace('"direct"', f'"{who}"').replace('"en"', f'"{lang}"')
    assert (0, set()) == checked(desk, tmp_path, text, monkeypatch, capsys)
