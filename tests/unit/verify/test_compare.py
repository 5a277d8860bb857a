"""What moved is named by cell, table, figure and sentence; what only looks different is not."""

import io
import json

import pandas as pd

from platform_utils.verify import compare_files


def parquet(counts, **options):
    frame = pd.DataFrame({"role": ["direct", "total"], "count": counts})
    buffer = io.BytesIO()
    frame.to_parquet(buffer, **options)
    return buffer.getvalue()


def places(name, then, now):
    return [each.place for each in compare_files(name, then, now)]


def test_a_table_with_other_bytes_and_the_same_values_has_not_moved():
    assert [] == places("tables/2023/role.parquet", parquet([9, 12]), parquet([9, 12], compression="gzip"))


def test_a_count_that_moved_is_named_by_table_and_cell():
    expected = ["table role, cell direct: 9 → 10"]
    assert expected == places("tables/2023/role.parquet", parquet([9, 12]), parquet([10, 12]))


def test_a_difference_below_the_tolerance_is_none_and_above_it_is_one():
    assert [] == places("x.parquet", parquet([0.5, 1.0]), parquet([0.5 + 1e-12, 1.0]))
    assert 1 == len(places("x.parquet", parquet([0.5, 1.0]), parquet([0.5 + 1e-6, 1.0])))


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
    output = {"output_type": "display_data", "data": {"text/markdown": text, "text/plain": f"direct {number}"}, "metadata": {}}
    return json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": "x", "outputs": [output]}]}).encode()


def test_a_figure_moves_by_its_numbers_or_by_its_picture():
    assert ["fig-role: the picture, not the numbers it draws"] == places("a.ipynb", notebook("AA", 1), notebook("BB", 1))
    assert places("a.ipynb", notebook("AA", 1), notebook("AA", 2))[0].startswith("fig-role: outputs: ")


def test_a_record_moves_by_its_leaf():
    assert ["a/0/b: 1 → 2"] == places("facts.json", b'{"a":[{"b":1}]}', b'{"a":[{"b":2}]}')


def test_a_plain_text_moves_by_its_line():
    assert ["line 2"] == places("rules/x.toml", b"a\nb\n", b"a\nc\n")
    assert [] == places("rules/x.toml", b"a\n", b"a\n")
