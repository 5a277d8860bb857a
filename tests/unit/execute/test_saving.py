"""A saved notebook keeps outputs from demo data only."""

import copy

from platform_utils.execute.saving import notebook_source, strip_unless_demo


def notebook(source, injected=None):
    cells = [
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": f'year = 2023\nsource = "{source}"',
            "outputs": [],
            "execution_count": 1,
        },
        {
            "cell_type": "code",
            "metadata": {},
            "source": "1",
            "outputs": [{"text": "row"}],
            "execution_count": 2,
        },
        {"cell_type": "markdown", "metadata": {"user_expressions": [1]}, "source": "x"},
    ]
    if injected:
        cells.insert(
            1,
            {
                "cell_type": "code",
                "metadata": {"tags": ["injected-parameters"]},
                "source": f'source = "{injected}"',
                "outputs": [],
            },
        )
    return {"cells": cells}


def test_outputs_from_demo_stay():
    content = notebook("demo")
    model = {"type": "notebook", "content": copy.deepcopy(content)}
    strip_unless_demo(model, path="x", contents_manager=None)
    assert content == model["content"]


def test_outputs_from_members_go_and_the_text_stays():
    model = {"type": "notebook", "content": notebook("members")}
    strip_unless_demo(model)
    cells = model["content"]["cells"]
    assert [] == cells[1]["outputs"]
    assert cells[1]["execution_count"] is None
    assert "user_expressions" not in cells[2]["metadata"]
    assert "1" == cells[1]["source"]


def test_an_injected_source_wins_over_the_default():
    assert "members" == notebook_source(notebook("demo", injected="members"))


def test_without_a_parameters_cell_outputs_go():
    model = {"type": "notebook", "content": {"cells": notebook("demo")["cells"][1:]}}
    strip_unless_demo(model)
    assert [] == model["content"]["cells"][0]["outputs"]


def test_other_files_are_left_alone():
    model = {"type": "file", "content": "text"}
    strip_unless_demo(model)
    assert {"type": "file", "content": "text"} == model
