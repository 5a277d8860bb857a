"""A forked kernel gives the bytes of a plain one, and ends with whoever asked for it."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from platform_utils.errors import PlatformError
from platform_utils.execute import fork_server, run_document

pytestmark = [
    pytest.mark.skipif(not fork_server.CAN_FORK, reason="kernels are forked on Linux only"),
    pytest.mark.xdist_group("forked"),
]

CELLS = (
    ("year = 2023", ["parameters"]),
    (
        "import os, sys\nimport matplotlib.pyplot as plt\nimport pandas as pd\nimport scipy.stats\nimport seaborn as sns",
        [],
    ),
    ("print(year, set('abc'), os.environ['TZ'], sys.path[0], sys.argv[1:2])", []),
    ("print('warned', file=sys.stderr)\npd.DataFrame({'a': [1, 2]})", []),
    ("plt.plot([1, 2])\nplt.show()", []),
    ("sns.barplot(x=['a', 'b'], y=[3, 4])", []),
    (
        "from platform_utils import pipeline, publish\nimport subprocess\nsubprocess.run(['false']).returncode",
        [],
    ),
)


def notebook(path, cells=CELLS):
    made = [
        {
            "id": f"c{i}",
            "cell_type": "code",
            "source": source,
            "metadata": {"tags": tags},
            "outputs": [],
            "execution_count": None,
        }
        for i, (source, tags) in enumerate(cells)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def random_numbers(path):
    return [
        c["outputs"][0]["data"]["text/plain"] for c in json.loads(path.read_text())["cells"] if c["outputs"]
    ]


def gone(pid, seconds=5):
    for _ in range(int(seconds * 20)):
        if not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return True
        time.sleep(0.05)
    return False


def test_the_same_bytes_as_a_plain_kernel(tmp_path):
    path = notebook(tmp_path / "a.ipynb")
    plain = run_document(path, {"year": 2019}, tmp_path / "plain.ipynb")
    made = run_document(path, {"year": 2019}, tmp_path / "forked.ipynb", kernels="forked")
    assert "image/png" in plain.read_text()
    assert plain.read_bytes() == made.read_bytes()


def test_two_kernels_share_no_random_numbers(tmp_path):
    cells = (
        ("year = 1", ["parameters"]),
        ("import random\nimport numpy as np\n(random.random(), np.random.rand())", []),
    )
    path = notebook(tmp_path / "a.ipynb", cells)
    one, two = (run_document(path, {}, tmp_path / f"{i}.ipynb", kernels="forked") for i in (1, 2))
    assert random_numbers(one) != random_numbers(two)


@pytest.mark.parametrize("death", ["os._exit(3)", "import signal\nos.kill(os.getpid(), signal.SIGKILL)"])
def test_a_kernel_that_dies_is_refused_and_leaves_nothing(tmp_path, death):
    path = notebook(tmp_path / "a.ipynb", (("year = 1", ["parameters"]), (f"import os\n{death}", [])))
    with pytest.raises(PlatformError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb", kernels="forked")
    assert "E-512" == caught.value.code
    assert not (tmp_path / "out.ipynb").exists()


def test_a_kernel_that_hangs_is_ended_with_what_it_started(tmp_path):
    note = tmp_path / "pids"
    hang = f"import os, subprocess\nchild = subprocess.Popen(['sleep', '600'])\nopen({str(note)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\nchild.wait()"
    path = notebook(tmp_path / "a.ipynb", (("year = 1", ["parameters"]), (hang, [])))
    with pytest.raises(PlatformError) as caught:
        run_document(path, {}, tmp_path / "out.ipynb", kernels="forked", timeout=4)
    assert ("E-519", "2", 4) == (
        caught.value.code,
        caught.value.fields["cell"],
        caught.value.fields["seconds"],
    )
    assert all(gone(int(pid)) for pid in note.read_text().split())


def test_a_run_that_is_killed_takes_its_kernels_with_it(tmp_path):
    note = tmp_path / "pids"
    hang = f"import os, time\nopen({str(note)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')\ntime.sleep(600)"
    path = notebook(tmp_path / "a.ipynb", (("year = 1", ["parameters"]), (hang, [])))
    script = textwrap.dedent(f"""
        from pathlib import Path
        from platform_utils.execute import run_document
        run_document(Path({str(path)!r}), {{}}, Path({str(tmp_path / "out.ipynb")!r}), kernels="forked")
        """)
    with subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONWARNINGS": "ignore"}
    ) as run:
        for _ in range(1200):
            if note.exists() and len(note.read_text().split()) == 2:
                break
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
    assert all(gone(int(pid)) for pid in note.read_text().split())
