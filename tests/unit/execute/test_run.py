"""Notebooks and documents run once, behind the guard, and leave nothing behind when they fail."""

import json

import pytest

from platform_utils.errors import ContractError, DisclosureError, FileError, PlatformError, UsageError
from platform_utils.execute import run_document


def write_notebook(path, *cells, kernel="python3"):
    made = []
    for kind, source, tags in cells:
        one = {
            "id": f"c{len(made)}",
            "cell_type": kind,
            "source": source,
            "metadata": {"tags": tags} if tags else {},
        }
        made.append(one | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    path.write_text(
        json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}),
        encoding="utf-8",
    )
    return path


PARAMETERS = ("code", 'year = 2023\nlang = "sv"', ["parameters"])
SETTINGS = (
    "import os, sys, time\n[os.environ.get(n) for n in ('OPENBLAS_NUM_THREADS', 'PYTHONHASHSEED', 'TZ')]"
)
PICTURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


def outputs(path):
    return [
        cell["outputs"]
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    path = write_notebook(
        folder / "a.ipynb",
        PARAMETERS,
        ("code", "print(year, lang)", []),
        ("code", SETTINGS, []),
        ("code", PICTURE, []),
    )
    before = path.read_bytes()
    made = [run_document(path, {"year": 2019}, folder / name / "out.ipynb") for name in ("one", "two")]
    return before, path, made


def test_the_given_value_is_used_and_the_other_stays(executed):
    assert "2019 sv\n" == outputs(executed[2][0])[2][0]["text"]


def test_the_kernel_has_a_fixed_environment(executed):
    assert "['1', '0', 'UTC']" == outputs(executed[2][0])[3][0]["data"]["text/plain"]


def test_a_picture_is_stored(executed):
    assert "image/png" in outputs(executed[2][0])[4][-1]["data"]


def test_two_runs_give_the_same_bytes_and_leave_the_notebook_alone(executed):
    before, path, (first, second) = executed
    assert first.read_bytes() == second.read_bytes()
    assert before == path.read_bytes()


def test_nothing_is_printed_and_no_socket_is_left(executed, tmp_path, capfd):
    run_document(write_notebook(tmp_path / "a.ipynb", PARAMETERS), {}, tmp_path / "out.ipynb")
    assert ("", "") == tuple(capfd.readouterr())


@pytest.mark.parametrize(
    ("cells", "given", "kernel", "code"),
    [
        ([("code", "year = 1", [])], {}, "python3", "E-501"),
        ([PARAMETERS, PARAMETERS], {}, "python3", "E-502"),
        ([("code", "import os", ["parameters"])], {}, "python3", "E-503"),
        ([PARAMETERS], {"quarter": 2019}, "python3", "E-504"),
        ([PARAMETERS], {"year": "2019"}, "python3", "E-505"),
        ([("code", "year = None", ["parameters"])], {}, "python3", "E-506"),
        ([PARAMETERS], {}, "no-such-kernel", "E-507"),
        ([PARAMETERS], {"yaer": 2019}, "python3", "E-517"),
    ],
)
def test_what_papermill_would_let_pass_is_refused_before_anything_starts(
    tmp_path, cells, given, kernel, code
):
    ran = tmp_path / "ran"
    path = write_notebook(
        tmp_path / "a.ipynb", *cells, ("code", f"open({str(ran)!r}, 'w')", []), kernel=kernel
    )
    with pytest.raises(UsageError) as caught:
        run_document(path, given, tmp_path / "out.ipynb")
    assert (code, 2) == (caught.value.code, caught.value.exit_status)
    assert not ran.exists()
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"nbformat": 3, "metadata": {}, "cells": []}',
        '{"nbformat": 4, "metadata": {}, "cells": [1]}',
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb")
    assert "E-508" == caught.value.code


def test_a_failing_cell_names_document_cell_and_class_only(tmp_path, capfd):
    path = write_notebook(
        tmp_path / "a.ipynb",
        PARAMETERS,
        ("markdown", "x", []),
        ("code", "raise ValueError('Anna Andersson')", []),
    )
    log = tmp_path / "restricted" / "a.log"
    with pytest.raises(PlatformError) as caught:
        run_document(path, {"year": 2019}, tmp_path / "out.ipynb", log=log)
    assert str(caught.value).startswith(
        "E-510 a.ipynb stopped in cell 3 with ValueError. Nothing was written."
    )
    assert caught.value.__suppress_context__
    assert not (tmp_path / "out.ipynb").exists()
    assert "Anna Andersson" in log.read_text(encoding="utf-8")
    assert "Anna" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("cell", ["code", "markdown"])
def test_a_class_that_a_cell_has_made_is_not_named(tmp_path, cell):
    made = "AnnaAndersson = type('AnnaAndersson', (KeyError,), {})\ndef fail(): raise AnnaAndersson"
    path = write_notebook(
        tmp_path / "a.ipynb",
        PARAMETERS,
        ("code", made, []),
        (cell, "fail()" if cell == "code" else "`{python} fail()`", []),
    )
    with pytest.raises(PlatformError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb")
    assert "Exception" == caught.value.fields["error"]
    assert "3" == caught.value.fields["cell" if cell == "code" else "place"]


def test_our_own_error_keeps_its_class_and_its_code(tmp_path):
    source = "from platform_utils.errors import DisclosureError\nraise DisclosureError('E-012', file='x')"
    path = write_notebook(tmp_path / "a.ipynb", PARAMETERS, ("code", source, []))
    with pytest.raises(DisclosureError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb")
    assert ("E-510", "DisclosureError E-012", "2") == (
        caught.value.code,
        caught.value.fields["error"],
        caught.value.fields["cell"],
    )


def test_a_kernel_that_dies_is_told(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", PARAMETERS, ("code", "import os\nos._exit(3)", []))
    with pytest.raises(PlatformError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb")
    assert "E-512" == caught.value.code


DOCUMENT = """---
title: Titel
---

```{python}
#| tags: [parameters]
year = 2023
```

Året `{python} year`.

```{python}
year = year + 1
```

Året `{python} year` och `{python} [year]`.
"""


def test_inline_expressions_are_evaluated_where_they_stand(tmp_path):
    path = tmp_path / "a.qmd"
    path.write_text(DOCUMENT, encoding="utf-8")
    made = run_document(path, {"year": 2019}, tmp_path / "out.ipynb")
    cells = json.loads(made.read_text(encoding="utf-8"))["cells"]
    stored = [
        cell["metadata"]["user_expressions"] for cell in cells if "user_expressions" in cell["metadata"]
    ]
    assert [
        [{"expression": "year", "result": {"data": {"text/plain": "2019"}, "metadata": {}, "status": "ok"}}],
        [
            {
                "expression": "year",
                "result": {"data": {"text/plain": "2020"}, "metadata": {}, "status": "ok"},
            },
            {
                "expression": "[year]",
                "result": {"data": {"text/plain": "[2020]"}, "metadata": {}, "status": "ok"},
            },
        ],
    ] == stored
    injected = next(cell for cell in cells if "injected-parameters" in cell["metadata"].get("tags", []))
    assert "#| include: false\n" == injected["source"][0], "lines, since Quarto drops the breaks of one text"


def test_a_failing_inline_expression_names_its_place_only(tmp_path):
    path = tmp_path / "a.qmd"
    path.write_text(DOCUMENT.replace("[year]", "{'Anna Andersson': 1}[2]"), encoding="utf-8")
    log = tmp_path / "a.log"
    with pytest.raises(PlatformError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb", log=log)
    assert "E-511 a.qmd stopped at an inline expression (a.qmd:16) with KeyError." in str(caught.value)
    assert "Anna" not in str(caught.value)
    assert "KeyError" in log.read_text(encoding="utf-8")


def test_a_failing_cell_of_a_document_names_its_line(tmp_path):
    path = tmp_path / "a.qmd"
    path.write_text(DOCUMENT.replace("year + 1", "1 / 0"), encoding="utf-8")
    with pytest.raises(PlatformError) as caught:
        run_document(path, {"year": 1}, tmp_path / "out.ipynb")
    assert ("4 (a.qmd:13)", "ZeroDivisionError") == (
        caught.value.fields["cell"],
        caught.value.fields["error"],
    )


def test_a_document_without_python_needs_no_kernel_and_takes_no_parameters(tmp_path):
    path = tmp_path / "a.qmd"
    path.write_text("---\ntitle: x\n---\n\nText.\n", encoding="utf-8")
    made = run_document(path, {}, tmp_path / "out.ipynb")
    assert "Text." in made.read_text(encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        run_document(path, {"year": 1}, tmp_path / "out.ipynb")
    assert "E-501" == caught.value.code


def test_a_document_outside_the_subset_does_not_start(tmp_path):
    path = tmp_path / "a.qmd"
    path.write_text("```{ojs}\n1\n```\n", encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb")
    assert ("E-513", "{ojs}") == (caught.value.code, caught.value.fields["feature"])


def test_papermill_with_our_engine_refuses_too(tmp_path):
    import nbformat
    import papermill
    from papermill.engines import papermill_engines

    from platform_utils.execute.engine import NAME, PlatformEngine

    papermill_engines.register(NAME, PlatformEngine)
    path = write_notebook(tmp_path / "a.ipynb", PARAMETERS, ("code", "print(year)", []))
    with pytest.raises(UsageError) as caught:
        papermill.execute_notebook(
            str(path), str(tmp_path / "o.ipynb"), {"yaer": 1}, engine_name=NAME, progress_bar=False
        )
    assert "E-517" == caught.value.code
    papermill.execute_notebook(
        str(path), str(tmp_path / "o.ipynb"), {"year": 1}, engine_name=NAME, progress_bar=False
    )
    made = nbformat.read(tmp_path / "o.ipynb", as_version=4)
    assert "1\n" == made.cells[-1].outputs[0].text
