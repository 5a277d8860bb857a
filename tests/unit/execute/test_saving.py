"""A saved notebook keeps what it has shown if all that it reads is demo or published data."""

import copy

import pytest

from platform_utils.execute.saving import strip_unless_demo


def saved(source, *cells, injected=None):
    parts = [(f'year = 2023\nsource = "{source}"', ["parameters"])]
    parts += [(f'source = "{injected}"', ["injected-parameters"])] if injected else []
    parts += [(cell, []) for cell in ("1", *cells)]
    code = [
        {"cell_type": "code", "metadata": {"tags": tags}, "source": text, "outputs": [{"text": "row"}], "execution_count": 1}
        for text, tags in parts
    ]  # fmt: skip
    prose = {
        "cell_type": "markdown",
        "metadata": {"user_expressions": [1]},
        "source": "x",
        "attachments": {"a.png": {}},
    }
    model = {"type": "notebook", "content": {"cells": [*code, prose], "metadata": {}}}
    before = copy.deepcopy(model)
    strip_unless_demo(model, path="x", contents_manager=None)
    return before, model


def test_outputs_from_demo_stay():
    before, after = saved("demo")
    assert before == after


@pytest.mark.parametrize(
    "given",
    [
        ("members",),
        ("external-ctdc",),
        ("demo", "import pandas\npandas.read_parquet('../data_clean/members/restricted/2023/case.parquet')"),
        ("demo", "!cat ../data_raw/members/2023/M07.json"),
    ],
)
def test_what_has_read_anything_else_keeps_its_text_alone(given):
    before, after = saved(*given)
    for cell, was in zip(after["content"]["cells"], before["content"]["cells"], strict=True):
        assert was["source"] == cell["source"]
        assert not {"attachments", "user_expressions"} & {*cell, *cell["metadata"]}
        assert (cell.get("outputs", []), cell.get("execution_count")) == ([], None)


def test_an_injected_source_counts_too():
    _, after = saved("demo", injected="members")
    assert not any(cell.get("outputs") for cell in after["content"]["cells"])


def test_the_state_of_widgets_and_unknown_metadata_are_not_saved():
    model = saved("demo")[1]
    model["content"]["metadata"] = {"widgets": {"a": 1}, "kernelspec": {"name": "python3"}}
    model["content"]["cells"][0]["metadata"]["note"] = "x"
    strip_unless_demo(model)
    assert {"kernelspec": {"name": "python3"}} == model["content"]["metadata"]
    assert {"tags": ["parameters"]} == model["content"]["cells"][0]["metadata"]


def test_other_files_are_left_alone():
    model = {"type": "file", "content": "text"}
    strip_unless_demo(model)
    assert {"type": "file", "content": "text"} == model
