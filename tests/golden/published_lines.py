"""The lines of ``back_test.toml``: read, and judged against any source of counts."""

import tomllib
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache

from platform_utils.paths import resource
from platform_utils.spec.codebook import load

TESTED = ("exact", "rounds_to", "floors_to", "of_ten", "words")
REFERENCE = ("series", "year", "measure", "category", "value", "unit", "source")


@cache
def lines():
    return tuple(tomllib.loads(resource("back_test.toml").read_text(encoding="utf-8"))["line"])


def lines_to_test():
    return [line for line in lines() if line["kind"] in TESTED]


def released_lines():
    return [line for line in lines_to_test() if "released" not in line]


def hidden_lines():
    """Lines whose figure a rule hides: counted like any other, and looked for as hidden in what is released."""
    return [line for line in lines_to_test() if "released" in line]


def counted_cells(line):
    """The cells that make up the number itself: (year, table, row)."""
    return [(line["year"], line["table"], row) for row in (line["row"], *line.get("plus", ()))]


def base_cell(line):
    """The cell that a share, a change or a ratio is taken of."""
    return (
        line.get("base_year", line["year"]),
        line.get("base_table", line["table"]),
        line.get("base_row", "total"),
    )


def judge(line, count):
    """Say what is wrong with a line, nothing if it holds. ``count`` gives the number in a cell."""
    found = sum(count(*cell) for cell in counted_cells(line))
    expected = line.get("expected", line["value"])
    match line["kind"]:
        case "exact":
            holds = found == int(expected)
        case "words":
            holds = line["low"] <= found <= line["high"]
        case _:
            ratio = Decimal(found) / Decimal(count(*base_cell(line)))
            holds = holds_as_ratio(line, ratio)
    return (
        ""
        if holds
        else f"{line['id']}: {found} found, {line['kind']} {line['value']} {line['unit']} expected"
    )


def holds_as_ratio(line, ratio):
    printed = Decimal(line["value"].removeprefix("about "))
    if line["kind"] == "of_ten":
        return (ratio * int(line["unit"].removeprefix("of "))).quantize(Decimal(1), ROUND_HALF_UP) == printed
    ratio = {"times": ratio, "change": 100 * (ratio - 1)}.get(line["column"], 100 * ratio)
    if line["kind"] == "floors_to":
        return ratio.quantize(printed, ROUND_FLOOR) == printed
    return any(ratio.quantize(printed, rule) == printed for rule in (ROUND_HALF_UP, ROUND_HALF_EVEN))


def held_rows(workspace, year):
    """Rows of persons that were planted as held: what each of them answered stands in the list."""
    path = workspace.returns("demo", year) / "planted_faults.toml"
    faults = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return [fault for fault in faults if fault.get("held") and fault["persons"] and fault["grain"] == "case"]


def persons_in(cell, answers):
    """How much one person (or her children) with these answers adds to a cell; read from the codebook alone."""
    _, table, row = cell
    if table == "children_location":
        return int(answers.get("children_count" if row == "total" else f"children_{row}", 0))
    if table in (
        "nsp_beneficiary",
        "nsp_money",
        "members",
        "members_by_form",
        "certified_by_region",
    ):
        return 0  # none of the held rows is a person of the programme or a member
    if table == "has_children" and answers["sex"] != "woman":
        return 0
    if table == "mass_case":
        return int(row != "yes")  # no held row is a mass case
    if table not in ("role", "adult_or_child_all", "headline") and answers["role"] != "direct":
        return 0
    return int(row == "total" or row in codes_of(table, answers))


def codes_of(table, answers):
    if table in ("form", "place"):
        return {
            name.removeprefix(f"{table}__")
            for name, value in answers.items()
            if name.startswith(f"{table}__") and value == "yes"
        }
    if table == "has_children":
        return {"yes" if int(answers["children_count"]) else "no"}
    book = load()
    name = table.removesuffix("_all")
    if name in answers:
        return {answers[name]}
    derived = book.variable(name)
    code = answers[derived.sources[0]]
    if derived.by == "map":
        return {derived.mapping.get(code, code)}
    return {book.code(book.variable(derived.sources[0]), code).parent_in(0)}
