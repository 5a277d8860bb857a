"""What moved is named by cell, table, figure and sentence; what only looks different is not."""

import io
import json

import pandas as pd
import pytest

from platform_utils import messages
from platform_utils.verify import compare_files, compared_as


def parquet(counts, **options):
    frame = pd.DataFrame({"role": ["direct", "total"], "count": counts})
    buffer = io.BytesIO()
    frame.to_parquet(buffer, **options)
    return buffer.getvalue()


def places(name, then, now):
    return [each.place for each in compare_files(name, then, now)]


def test_a_table_with_other_bytes_and_the_same_values_has_not_moved():
    assert [] == places("tables/2023/role.parquet", parquet([9, 12]), parquet([9, 12], compression="gzip"))


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_value_of_the_annex_that_moved_is_named(lang):
    head = messages.say("workbook", "csv", lang).replace("|", ",")
    then, now = (f"{head}\na,b,c,d,e,f,{value}\n".encode() for value in (9, 10))
    (place,) = places(f"reports/annual_tables-2023.{lang}.csv", then, now)
    assert place.endswith("9 → 10")


def test_a_count_that_moved_is_named_by_table_and_cell():
    expected = ["table role, cell direct: 9 → 10"]
    assert expected == places("tables/2023/role.parquet", parquet([9, 12]), parquet([10, 12]))


def test_a_count_beside_a_hidden_one_stays_whole():
    then, now = parquet(pd.array([None, 12], "Int64")), parquet(pd.array([7, 11], "Int64"))
    expected = ["table role, cell direct: .. → 7", "table role, cell total: 12 → 11"]
    assert expected == places("tables/2023/role.parquet", then, now)


def test_a_difference_below_the_tolerance_is_none_and_above_it_is_one():
    assert [] == places("x.parquet", parquet([0.5, 1.0]), parquet([0.5 + 1e-12, 1.0]))
    assert 1 == len(places("x.parquet", parquet([0.5, 1.0]), parquet([0.5 + 1e-9, 1.0])))


def test_a_column_or_a_row_left_out_is_named():
    then, now = b"role,count\na,1\nb,2\n", b"role,count\na,1\n"
    assert ["table x, cell b: 2 → –"] == places("x.csv", then, now)
    assert ["table x: columns role, count → role"] == places("x.csv", then, b"role\na\nb\n")
    assert [] == places("x.csv", then, b'role,count\r\n"a",1\r\nb,2\r\n')


def test_a_changed_sentence_is_shown_then_and_now():
    then = b"<html><body><p>One person. Two were met.</p></body></html>"
    now = b"<html><body><p>One person. Three were met.</p></body></html>"
    assert ["sentence: Two were met. → Three were met."] == places("reports/a.html", then, now)


def test_styles_and_white_space_are_no_sentences():
    then = b"<html><style>p{color:red}</style><body><p>One  person.</p></body></html>"
    now = b"<html><style>p{color:blue}</style><body>\n<p>One person.</p></body></html>"
    assert [] == places("reports/a.html", then, now)


def notebook(picture, number):
    text = f"::: {{#fig-role}}\n![](data:image/png;base64,{picture})\n:::"
    output = {
        "output_type": "display_data",
        "data": {"text/markdown": text, "text/plain": f"direct {number}"},
        "metadata": {},
    }
    return json.dumps(
        {"cells": [{"cell_type": "code", "metadata": {}, "source": "x", "outputs": [output]}]}
    ).encode()


def test_a_figure_moves_by_its_numbers_or_by_its_picture():
    assert ["cell 1, fig-role: picture 1: its bytes"] == places(
        "a.ipynb", notebook("AAAA", 1), notebook("BBBB", 1)
    )
    expected = ['cell 1, fig-role: outputs: "text/plain": "direct 1" → "text/plain": "direct 2"']
    assert expected == places("a.ipynb", notebook("AAAA", 1), notebook("AAAA", 2))


def cells(*given):
    made = [{"cell_type": "code", "id": i, "metadata": m, "source": s, "outputs": o} for i, m, s, o in given]
    return json.dumps({"cells": made}).encode()


def said(text):
    return {"output_type": "stream", "name": "stderr", "text": text}


def test_a_cell_left_out_is_named_and_those_after_it_are_not():
    then = cells(("a", {}, "1", []), ("b", {}, "2", []), ("c", {}, "3", []))
    now = cells(("a", {}, "1", []), ("c", {}, "3", []))
    assert ["3 cells → 2", "cell 2 (b): gone"] == places("a.ipynb", then, now)
    assert ["2 cells → 3", "cell 2 (b): new"] == places("a.ipynb", now, then)


def test_a_question_asked_otherwise_and_a_warning_that_is_gone_are_named():
    assert ['cell 1 (a): source: "1" → "2"'] == places(
        "a.ipynb", cells(("a", {}, "1", [])), cells(("a", {}, "2", []))
    )
    then, now = cells(("a", {}, "1", [said("RuntimeWarning")])), cells(("a", {}, "1", []))
    assert ["cell 1 (a): outputs: 1 → 0, gone: RuntimeWarning"] == places("a.ipynb", then, now)


def test_an_inline_figure_is_named_by_its_expression():
    def text(number):
        data = {"expression": "report.year", "result": {"data": {"text/markdown": number}}}
        return cells(("a", {"user_expressions": [data]}, "Year", []))

    assert ["cell 1 (a): inline report.year: 2018 → 2019"] == places("a.ipynb", text("2018"), text("2019"))


def test_white_space_of_a_notebook_is_none():
    then = cells(("a", {}, "1", [said("x")]))
    assert [] == places("a.ipynb", then, json.dumps(json.loads(then), indent=4).encode())


def test_what_was_compared_is_said_of_every_kind_of_file():
    kinds = {
        "a.parquet": "table",
        "b/a.pdf": "pdf",
        "a.whl": "wheel",
        "LICENSE": "text",
        "x.docx": "document",
    }
    assert kinds == {name: compared_as(name) for name in kinds}
    for lang in ("sv", "en"):
        for kind in ("table", "notebook", "page", "document", "pdf", "record", "wheel"):
            assert ("Inte jämfört" if lang == "sv" else "Not compared") in messages.label(
                f"L-verify-as-{kind}", lang
            )


def test_a_record_moves_by_its_leaf():
    assert ["a/0/b: 1 → 2"] == places("facts.json", b'{"a":[{"b":1}]}', b'{"a":[{"b":2}]}')


def test_a_plain_text_moves_by_its_line():
    assert ["line 2"] == places("rules/x.toml", b"a\nb\n", b"a\nc\n")
    assert [] == places("rules/x.toml", b"a\n", b"a\n")
