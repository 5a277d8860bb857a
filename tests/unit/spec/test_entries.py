"""What stands in a data file of the package is refused, with file and key, where no field can hold it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from platform_utils.errors import SettingsError
from platform_utils.spec.entries import key, read_entry


@dataclass(frozen=True)
class Inner:
    note: str


@dataclass(frozen=True)
class Thing:
    name: str
    way: Literal["small", "large"] = field(default="small", metadata=key("class"))
    least: int | None = None
    shown: bool = False
    words: tuple[str, ...] = ()
    pair: tuple[int, str] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    inner: tuple[Inner, ...] = ()


WHOLE = {
    "class": "large",
    "least": 4,
    "shown": True,
    "words": ["a", "b"],
    "pair": [2020, "x"],
    "texts": {"sv": "ett"},
    "inner": [{"note": "n"}],
}


def test_an_entry_becomes_what_its_fields_say():
    thing = read_entry(Thing, WHOLE, "things.toml", "thing.one", name="one")

    assert thing == Thing("one", "large", 4, True, ("a", "b"), (2020, "x"), {"sv": "ett"}, (Inner("n"),))


@pytest.mark.parametrize(
    ("said", "name", "expected"),
    [
        ({"leest": 4}, "thing.one: leest", "least"),
        ({"way": "large"}, "thing.one: way", "class, inner, least, pair, shown, texts, words"),
        ({"class": "larg"}, "thing.one.class: larg", "large"),
        ({"class": 3}, "thing.one.class: 3", "large, small"),
        ({"least": True}, "thing.one.least", "0, 1, 2, …"),
        ({"least": "4"}, "thing.one.least", "0, 1, 2, …"),
        ({"shown": 1}, "thing.one.shown", "true, false"),
        ({"words": "a"}, "thing.one.words", "[…]"),
        ({"words": [1]}, "thing.one.words", '"…"'),
        ({"pair": [2020]}, "thing.one.pair", "[…]"),
        ({"texts": {"sv": 1}}, "thing.one.texts.sv", '"…"'),
        ({"inner": ["n"]}, "thing.one.inner", "a table of keys"),
        ({"inner": [{}]}, "thing.one.inner.note", '"…"'),
        ("text", "thing.one", "a table of keys"),
    ],
)
def test_what_no_field_can_hold_is_refused_with_file_and_key(said, name, expected):
    with pytest.raises(SettingsError) as error:
        read_entry(Thing, said, "things.toml", "thing.one", name="one")

    assert error.value.code == "E-010"
    assert error.value.fields == {"name": name, "file": "things.toml", "expected": expected}


def test_a_missing_key_is_named():
    with pytest.raises(SettingsError) as error:
        read_entry(Inner, {}, "things.toml", "inner")

    assert error.value.fields["name"] == "inner.note"
