"""An executed notebook holds nothing that varies."""

import socket
from pathlib import Path

from platform_utils.execute.saving import normalise_notebook


def cell(*outputs, **metadata):
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": metadata,
        "source": "x",
        "execution_count": 1,
        "outputs": list(outputs),
    }


def notebook(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data):
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {key.replace("_", "/"): value for key, value in data.items()},
    }


def test_clock_and_durations_go_and_parameters_stay():
    made = notebook(cell(papermill={"duration": 1.5}, execution={"start": "now"}, tags=["kept"]))
    made["metadata"] = {
        "papermill": {"parameters": {"year": 2023}, "start_time": "now", "input_path": "/somewhere"},
        "language_info": {"name": "python", "version": "3.11.7"},
    }
    done = normalise_notebook(made, Path("/work"))
    assert {"tags": ["kept"]} == done["cells"][0]["metadata"]
    assert {"parameters": {"year": 2023}} == done["metadata"]["papermill"]
    assert {"name": "python"} == done["metadata"]["language_info"]
    assert "papermill" in made["cells"][0]["metadata"], "the input is not changed"


def test_addresses_paths_and_hosts_go(monkeypatch):
    home, host = str(Path.home()), "desk-07"
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    text = f"<object at 0x7f3a2b1c0d10> in {home}/x on {host}, /tmp/ipykernel_12/3456.py:1, /data/reports/a"
    done = normalise_notebook(notebook(cell(stream(text))), Path("/data/reports"))
    text = done["cells"][0]["outputs"][0]["text"]
    assert text.startswith("<object at 0x0> in ")
    assert f"{home}/" not in text
    assert host not in text
    assert "<cell>:1" in text
    assert text.endswith("<folder>/a")


def test_streams_between_two_pictures_come_in_one_order():
    outputs = [stream("a"), stream("w", "stderr"), stream("b"), shown(text_plain="x"), stream("c")]
    done = normalise_notebook(notebook(cell(*outputs)), Path("/work"))["cells"][0]["outputs"]
    assert [("stdout", "ab"), ("stderr", "w"), (None, None), ("stdout", "c")] == [
        (output.get("name"), output.get("text")) for output in done
    ]


def test_random_ids_of_tables_are_counted():
    styler = '<style>#T_a1b2c_row0</style><table id="T_a1b2c"><td id="T_a1b2c_row0">'
    done = normalise_notebook(notebook(cell(shown(text_html=styler))), Path("/work"))
    (first,) = (output["data"]["text/html"] for output in done["cells"][0]["outputs"])
    assert '<style>#T_00001_row0</style><table id="T_00001"><td id="T_00001_row0">' == first


def test_pictures_are_left_as_they_are():
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBOR0xdeadbeef\n"}}
    done = normalise_notebook(notebook(cell(picture)), Path("/work"))
    assert "iVBOR0xdeadbeef" == done["cells"][0]["outputs"][0]["data"]["image/png"]


def test_cell_ids_are_stable_and_differ():
    cells = [cell(), cell(), {**cell(tags=["injected-parameters"]), "id": "random"}]
    done = normalise_notebook(notebook(*cells), Path("/work"))
    assert ["a", "a-2", "injected-parameters"] == [one["id"] for one in done["cells"]]
