"""A word in the codebook that nothing defines is refused when it is read, with file and key."""

import shutil

import pytest

from platform_utils.errors import SettingsError
from platform_utils.paths import resource
from platform_utils.spec import codebook

TEXT = 'sv = "x"\nen = "x"\n'
VARIABLE = f'[[variable]]\nname = "one"\ngrain = "case"\nkind = "code"\ncodes = "sex"\nmark = "S"\nsensitivity = "plain"\n{TEXT}'
DERIVED = (
    f'[[derived]]\nname = "one"\ncodes = "sex"\nfrom = ["sex"]\nby = "map"\nmap = {{ man = "man" }}\n{TEXT}'
)
LIST = '[one]\ncodes = [{ code = "a", sv = "a", en = "a", parent = "under_18" }]\n'


def load(file, said, tmp_path, monkeypatch):
    shutil.copytree(resource("codebook"), tmp_path / "codebook")
    path = tmp_path / "codebook" / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{said}\n", encoding="utf-8")
    monkeypatch.setattr(codebook, "resource", tmp_path.joinpath)
    return codebook.load.__wrapped__()


@pytest.mark.parametrize(
    ("file", "said"), [("variables.toml", VARIABLE), ("derived.toml", DERIVED), ("codes.toml", LIST)]
)
def test_another_variable_or_list_is_one_entry(file, said, tmp_path, monkeypatch):
    book = load(file, said, tmp_path, monkeypatch)

    assert book.lists["one"] if file == "codes.toml" else book.variable("one").label("sv") == "x"


@pytest.mark.parametrize(
    ("file", "said", "name", "expected"),
    [
        ("variables.toml", VARIABLE + "requierd = true", "one: requierd", "required"),
        ("variables.toml", VARIABLE.replace('"case"', '"cse"'), "one.grain: cse", "case"),
        ("variables.toml", VARIABLE.replace('"code"', '"cod"'), "one.kind: cod", "code"),
        ("variables.toml", VARIABLE.replace('"plain"', '"plane"'), "one.sensitivity: plane", "plain"),
        ("variables.toml", VARIABLE.replace('"sex"', '"sexx"'), "one.codes: sexx", "sex"),
        ("variables.toml", VARIABLE.replace('codes = "sex"\n', ""), "one.codes: ", None),
        ("variables.toml", VARIABLE + 'asked_if = { rle = "direct" }', "one.asked_if: rle", "role"),
        ("variables.toml", VARIABLE + 'asked_if = { role = "dirct" }', "one.asked_if.role: dirct", "direct"),
        ("variables.toml", VARIABLE + 'since = "2020"', "one.since", "0, 1, 2, …"),
        ("variables.toml", VARIABLE.replace('en = "x"\n', ""), "one.en", '"…"'),
        ("derived.toml", DERIVED + "form = 1", "one: form", "from"),
        ("derived.toml", DERIVED.replace('["sex"]', '["sx"]'), "one.from: sx", "sex"),
        ("derived.toml", DERIVED.replace('"map"', '"mapp"'), "one.by: mapp", "map"),
        ("derived.toml", DERIVED.replace("{ man", "{ mann"), "one.map: mann", "man"),
        ("derived.toml", DERIVED.replace('= "man"', '= "mann"'), "one.map: mann", "man"),
        ("derived.toml", DERIVED + 'pairs = [["mann", "*", "man"]]', "one.pairs: mann", "man"),
        ("codes.toml", LIST.replace("parent =", "parnt ="), "one.codes: parnt", "parent"),
        ("codes.toml", LIST.replace("under_18", "under_81"), "one.a.parent: under_81", "under_18"),
        ("codes.toml", LIST.replace("codes", "code"), "one: code", "codes"),
        ("special.toml", '[other]\nsv = "x"\nen = "x"\nalias = []', "other: alias", "aliases"),
    ],
)  # fmt: skip
def test_a_word_that_nothing_defines_is_refused_with_file_and_key(
    file, said, name, expected, tmp_path, monkeypatch
):
    with pytest.raises(SettingsError) as error:
        load(file, said, tmp_path, monkeypatch)

    assert error.value.code == "E-010"
    assert (error.value.fields["name"], error.value.fields["file"]) == (name, file)
    assert error.value.fields["expected"] == (expected or error.value.fields["expected"])
