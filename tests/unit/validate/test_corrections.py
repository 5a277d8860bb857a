import pytest

from platform_utils.errors import ContractError, SettingsError
from platform_utils.spec.returns import Finding
from platform_utils.validate import Correction, check_return, load_corrections, require_all_applied

HERE = {"member_id": "M01", "file": "svar.xlsx", "reason": "sagt i telefon"}


def correct(number=1, **fields):
    return Correction(number=number, **(HERE | fields))


def test_no_file_means_no_corrections(tmp_path):
    assert () == load_corrections(tmp_path / "corrections.toml")


def test_a_file_is_read_in_its_order(tmp_path):
    path = tmp_path / "corrections.toml"
    path.write_text(
        '[[correction]]\nmember_id = "M01"\nfile = "svar.xlsx"\nrow = 14\ncolumn = "sex"\naction = "set"\n'
        'expect = "kvina"\nvalue = "woman"\nreason = "stavning"\n\n'
        '[[correction]]\ncolumn = "sex"\naction = "alias"\nexpect = "tjej"\nvalue = "woman"\nreason = "stavning"\n',
        encoding="utf-8",
    )
    assert (
        Correction(
            1, "set", "stavning", "M01", "svar.xlsx", row=14, column="sex", expect="kvina", value="woman"
        ),
        Correction(2, "alias", "stavning", column="sex", expect="tjej", value="woman"),
    ) == load_corrections(path)


@pytest.mark.parametrize(
    "entry",
    [
        'action = "guess"', 'action = "set"\nreason = " "', 'action = "set"\nreason = "x"\ncolumn = "colour"',
        'action = "set"\nreason = "x"\ncolumn = "sex"\nexpect = "a"\nvalue = "b"',
        'action = "set"\nreason = "x"\ncolumn = "sex"\nexpect = "a"\nvalue = "b"\nrow = 4',
        'action = "set"\nreason = "x"\ncolumn = "sex"\nexpect = "a"\nvalue = "b"\nrow = "4"\nfile = "f"\nmember_id = "M"',
        'action = "alias"\nreason = "x"\ncolumn = "sex"\nexpect = "a"',
        'action = "accept"\nreason = "x"\ncolumn = "sex"\nexpect = "E-203"',
        'action = "drop"\nreason = "x"\nrow = 4\nfile = "f"\nmember_id = "M"',
        'action = "set"\nreason = "x"\ncolour = "red"', 'action = "set"\nreason = 4',
        'action = "set"\nreason = "x"\ngrain = "person"',
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used_is_refused_by_its_number(tmp_path, entry):
    path = tmp_path / "corrections.toml"
    good = '[[correction]]\ncolumn = "sex"\naction = "alias"\nexpect = "a"\nvalue = "woman"\nreason = "x"\n'
    path.write_text(f"{good}[[correction]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load_corrections(path)
    assert ("E-301", 2) == (raised.value.code, raised.value.fields["number"])


@pytest.mark.parametrize("text", ["[[correction]", 'correction = "x"', "[other]\na = 1\n"])
def test_a_file_that_is_no_list_of_corrections_is_refused(tmp_path, text):
    path = tmp_path / "corrections.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="E-301"):
        load_corrections(path)


def test_set_replaces_one_cell_and_the_record_names_what_was_typed(make_return):
    raw = make_return({"sex": "kvina"}, {"person_code": "P2", "sex": "kvina"})
    checked = check_return(
        raw, corrections=[correct(action="set", row=5, column="sex", expect="kvina", value="woman")]
    )
    assert [("E-203", 6)] == [(f.code, f.row) for f in checked.findings]
    assert ["woman"] == checked.tables["case"]["sex"].tolist()
    recodes = checked.recodes
    assert [["kvina", "woman", 1]] == recodes.loc[
        recodes["variable"] == "sex", ["raw", "code", "rows"]
    ].values.tolist()
    assert (1,) == checked.applied
    assert ["kvina", "kvina"] == raw.tables["case"]["sex"].tolist()


def test_set_to_blank_empties_a_cell(make_return):
    raw = make_return({"age_years": "12"})
    aimed = correct(action="set", person_code="p1", column="age_years", expect="12", value="blank")
    checked = check_return(raw, corrections=[aimed])
    assert () == checked.findings
    assert ["blank"] == checked.tables["case"]["age_years_status"].tolist()


def test_set_settles_what_reading_found_in_the_cell(make_return):
    found = Finding("E-153", "svar.xlsx", "Personer", 5, "Antal egna barn", variable="children_count")
    raw = make_return({"children_count": ""}, findings=[found])
    assert ["held"] == [e.reason for e in check_return(raw).ledger]
    aimed = correct(action="set", row=5, column="children_count", expect="", value="2")
    assert ["accepted"] == [e.reason for e in check_return(raw, corrections=[aimed]).ledger]


def test_alias_declares_a_spelling_for_the_whole_column_only(make_return):
    raw = make_return({"sex": "Tjej "}, {"person_code": "P2", "sex": "tjej", "role": "tjej"})
    checked = check_return(
        raw, corrections=[correct(action="alias", column="sex", expect="tjej", value="kvinna")]
    )
    assert [("E-203", "role")] == [(f.code, f.variable) for f in checked.findings]
    assert ["woman"] == checked.tables["case"]["sex"].tolist()


def test_alias_to_a_value_that_does_not_exist_is_refused(make_return):
    with pytest.raises(SettingsError, match="E-301"):
        check_return(
            make_return({"sex": "x"}),
            corrections=[correct(action="alias", column="sex", expect="x", value="y")],
        )


def test_drop_sets_the_row_aside_and_the_ledger_stays_exact(make_return):
    raw = make_return({}, {"sex": "man"})
    checked = check_return(raw, corrections=[correct(action="drop", row=6, column="sex", expect="man")])
    assert () == checked.findings
    assert [("accepted", 1, ""), ("dropped", 1, "correction 1")] == [
        (e.reason, e.rows, e.detail) for e in checked.ledger
    ]


def test_accept_lets_a_doubted_answer_stand(make_return):
    raw = make_return({"age_years": "12"}, {"person_code": "P2", "age_years": "12"})
    checked = check_return(
        raw, corrections=[correct(action="accept", row=5, column="age_years", expect="E-210")]
    )
    assert [("E-210", 6)] == [(f.code, f.row) for f in checked.findings]
    assert [12] == checked.tables["case"]["age_years"].tolist()


def test_accept_for_a_whole_column(make_return):
    raw = make_return({"person_count": "2001", "case_id": "Å1"}, {"person_code": "P2"})
    aimed = correct(action="accept", column="person_count", expect="E-205")
    checked = check_return(raw, corrections=[aimed])
    assert () == checked.findings
    assert [2001, 1] == checked.tables["case"]["person_count"].tolist()


@pytest.mark.parametrize(
    ("code", "aimed"),
    [
        ("E-302", {"action": "set", "row": 5, "column": "sex", "expect": "kvina", "value": "woman"}),
        ("E-303", {"action": "set", "row": 50, "column": "sex", "expect": "kvinna", "value": "man"}),
        ("E-303", {"action": "drop", "person_code": "P9"}),
        ("E-302", {"action": "drop", "row": 5, "column": "sex", "expect": "man"}),
        ("E-302", {"action": "accept", "row": 5, "column": "age_years", "expect": "E-210"}),
    ],
)
def test_a_correction_that_no_longer_applies_fails(make_return, code, aimed):
    with pytest.raises(ContractError) as raised:
        check_return(make_return({}), corrections=[correct(number=4, **aimed)])
    assert (code, 4) == (raised.value.code, raised.value.fields["number"])


def test_corrections_of_other_returns_are_passed_over_but_must_be_used_by_some(make_return):
    other = correct(action="set", row=5, column="sex", expect="x", value="man", file="annat.xlsx")
    alias = correct(number=2, action="alias", column="sex", expect="tjej", value="woman")
    checked = check_return(make_return({"sex": "tjej"}), corrections=[other, alias])
    assert (2,) == checked.applied
    require_all_applied([alias], [checked])
    with pytest.raises(ContractError) as raised:
        require_all_applied([other, alias], [checked])
    assert ("E-303", "1") == (raised.value.code, raised.value.fields["number"])
