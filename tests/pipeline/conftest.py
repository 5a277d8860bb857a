"""One year built undisturbed: what every other build of it is held against."""

import pytest
from one_year import YEAR, build, lay_out, made


@pytest.fixture(scope="session")
def one_years_returns(demo_years):
    return demo_years.made().returns("demo", YEAR)


@pytest.fixture(scope="session")
def one_desk(demo_years, one_years_returns):
    """The workspace of the build, made once however many processes the tests run in."""
    place = demo_years.shared / "one-year"
    demo_years.once("one-year", lambda: build(lay_out(place, one_years_returns)))
    return place


@pytest.fixture(scope="session")
def reference(one_desk):
    """The hash of every file of the build."""
    return made(one_desk)
