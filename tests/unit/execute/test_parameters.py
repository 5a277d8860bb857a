"""A document runs only with parameters that it declares, of the type that it declares."""

import pytest

from platform_utils.errors import UsageError
from platform_utils.execute.parameters import (
    Parameter,
    check_parameters,
    declared_parameters,
)

YEAR, LANG, SHARE = (
    Parameter("year", 2023, "int"),
    Parameter("lang", "sv", "str"),
    Parameter("share", 0.5, "float"),
)


def notebook(*sources, tags=("parameters",)):
    cells = [{"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}} for source in sources]
    return {"cells": [{"cell_type": "markdown", "source": "# Title", "metadata": {}}, *cells]}


def test_scalars_of_every_kind_are_declared_in_order():
    source = '#| tags: [parameters]\nyear = 2023\nlang = "sv"\nshare = -0.5\ndraft = False\nseed: int = 1\nlimit: int = None\nfree = None'
    assert (
        Parameter("year", 2023, "int"),
        Parameter("lang", "sv", "str"),
        Parameter("share", -0.5, "float"),
        Parameter("draft", False, "bool"),
        Parameter("seed", 1, "int"),
        Parameter("limit", None, "int"),
        Parameter("free", None, None),
    ) == declared_parameters(notebook(source), "annual")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("import os", 1),
        ("year = 2023\nyears = [2022, 2023]", 2),
        ("year = 2022 + 1", 1),
        ("year, lang = 2023, 'sv'", 1),
        ("year = month = 1", 1),
        ("year: list = None", 1),
        ("year: int = 'x'", 1),
        ("print(2023)", 1),
        ("year = = 3", 1),
        ("obj.year = 3", 1),
    ],
)
def test_a_parameters_cell_that_does_more_is_refused(source, line):
    with pytest.raises(UsageError) as caught:
        declared_parameters(notebook(source), "annual")
    assert ("E-503", line) == (caught.value.code, caught.value.fields["line"])


def test_exactly_one_cell_is_tagged():
    with pytest.raises(UsageError) as none:
        declared_parameters(notebook("year = 1", tags=()), "annual")
    with pytest.raises(UsageError) as two:
        declared_parameters(notebook("year = 1", "lang = 'sv'"), "annual")
    assert ("E-501", "E-502") == (none.value.code, two.value.code)
    assert str(none.value).startswith("E-501 annual has no cell tagged parameters.")


def test_a_misspelt_name_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        check_parameters([YEAR, LANG], {"yaer": 2023}, "annual")
    assert (
        'E-517 annual has no parameter "yaer". Did you mean "year"? Expected one of: year, lang. Correct the name.'
        == str(caught.value)
    )
    assert "Menade du ”year”?" in caught.value.text("sv")


def test_an_unknown_name_is_refused_with_the_known():
    with pytest.raises(UsageError) as caught:
        check_parameters([YEAR, LANG], {"quarter": 1}, "annual")
    assert "E-504" == caught.value.code
    assert "year, lang" in str(caught.value)


@pytest.mark.parametrize(
    ("parameter", "value", "allowed"),
    [
        (YEAR, 2019, True),
        (YEAR, "2019", False),
        (YEAR, 2019.0, False),
        (YEAR, True, False),
        (YEAR, None, False),
        (LANG, "en", True),
        (LANG, 1, False),
        (SHARE, 1, True),
        (SHARE, False, False),
        (Parameter("draft", True, "bool"), 1, False),
        (Parameter("free", None, None), "anything", True),
        (Parameter("free", None, None), ["a list"], False),
    ],
)
def test_a_value_has_the_declared_type(parameter, value, allowed):
    if allowed:
        check_parameters([parameter], {parameter.name: value}, "annual")
        return
    with pytest.raises(UsageError) as caught:
        check_parameters([parameter], {parameter.name: value}, "annual")
    assert "E-505" == caught.value.code


def test_the_refused_value_is_not_told():
    with pytest.raises(UsageError) as caught:
        check_parameters([YEAR], {"year": "Anna Andersson"}, "annual")
    assert "Anna" not in str(caught.value)


def test_a_parameter_without_a_value_has_to_be_set():
    unset = Parameter("source", None, "str")
    with pytest.raises(UsageError) as caught:
        check_parameters([YEAR, unset], {"year": 2023}, "annual")
    assert ("E-506", "source") == (caught.value.code, caught.value.fields["name"])


def test_a_required_parameter_has_to_be_given_and_declared():
    with pytest.raises(UsageError) as not_given:
        check_parameters([YEAR], {}, "annual", required=["year"])
    with pytest.raises(UsageError) as not_declared:
        check_parameters([YEAR], {"year": 1}, "annual", required=["source"])
    assert ("E-506", "E-504") == (not_given.value.code, not_declared.value.code)
