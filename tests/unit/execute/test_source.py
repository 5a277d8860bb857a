"""A Quarto document becomes a notebook that papermill can run."""

import pytest

from platform_utils.errors import ContractError, FileError
from platform_utils.execute.source import inline_expressions, read_document

DOCUMENT = """---
title: "Titel"
---

Text `{python} year`.

```{python}
#| tags: [parameters]
year = 2023
```

```python
plain = "not run"
```

````
```{python}
shown, not run
```
````

```{python}
#| eval: false
1 / 0
```
"""


def document(folder, text, name="annual.qmd"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_prose_and_cells_stand_in_order(tmp_path):
    made = read_document(document(tmp_path, DOCUMENT))
    cells = made.notebook["cells"]
    assert ["raw", "markdown", "code", "markdown", "code"] == [cell["cell_type"] for cell in cells]
    assert ["cell-1", "cell-2", "cell-3", "cell-4", "cell-5"] == [cell["id"] for cell in cells]
    assert '---\ntitle: "Titel"\n---' == cells[0]["source"]
    assert "#| tags: [parameters]\nyear = 2023" == cells[2]["source"]
    assert {"tags": ["parameters"]} == cells[2]["metadata"]
    assert "shown, not run" in cells[3]["source"]
    assert {"tags": ["skip-execution"]} == cells[4]["metadata"]
    assert "annual.qmd:8" == made.places["cell-3"]
    assert made.runs


def test_a_document_without_python_does_not_run(tmp_path):
    made = read_document(document(tmp_path, "---\ntitle: x\n---\n\nText.\n"))
    assert not made.runs


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("```{r}\n1\n```\n", ContractError, "E-513"),
        ("- a\n\n  ```{python}\n  1\n  ```\n", ContractError, "E-513"),
        ("```{python echo=false}\n1\n```\n", ContractError, "E-513"),
        ("Antal `{python} n`.\n", ContractError, "E-514"),
        ("---\ntitle: [\n---\n", ContractError, "E-516"),
        ("---\ntitle: x\n", ContractError, "E-516"),
        ("```{python}\n#| label: [\n1\n```\n", ContractError, "E-516"),
    ],
)
def test_what_is_outside_the_subset_is_refused(tmp_path, text, error, code):
    with pytest.raises(error) as caught:
        read_document(document(tmp_path, text))
    assert code == caught.value.code


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "annual.qmd"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError) as caught:
        read_document(path)
    assert "E-508" == caught.value.code


def test_inline_expressions_are_found_as_quarto_finds_them():
    text = "`{python} a` and `python b`, `{r} c`, `` `{python} d` ``\n`{python}  e + 1`"
    assert ("a", "d", "e + 1") == inline_expressions(text)
