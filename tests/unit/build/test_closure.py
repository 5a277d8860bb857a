"""Code counts by what a node calls; comments and docstrings do not count."""

import subprocess
import sys

from platform_utils.build.closure import code_hash, entries_of, reached_files


def write(path, text):
    path.write_text(text, encoding="utf-8")
    code_hash.cache_clear()
    return code_hash(path)


def test_comments_docstrings_and_blank_lines_do_not_move_the_hash(tmp_path):
    path = tmp_path / "m.py"
    first = write(path, '"""One."""\n\ndef f(x):\n    """Two."""\n    return x + 1\n')
    assert first == write(path, '"""Other."""\n# why\n\n\ndef f(x):\n    return x + 1  # here\n')
    assert first != write(path, '"""One."""\n\ndef f(x):\n    """Two."""\n    return x + 2\n')


def test_a_function_hash_follows_what_it_uses_in_its_module(tmp_path):
    path = tmp_path / "m.py"
    base = "A = 1\nB = 2\n\ndef g():\n    return A\n\ndef f():\n    return g()\n\ndef h():\n    return B\n"
    path.write_text(base)
    code_hash.cache_clear()
    first = code_hash(path, "f")
    path.write_text(base.replace("B = 2", "B = 3"))
    code_hash.cache_clear()
    assert first == code_hash(path, "f")
    path.write_text(base.replace("A = 1", "A = 3"))
    code_hash.cache_clear()
    assert first != code_hash(path, "f")


def test_entries_name_functions_of_modules_and_whole_packages():
    source = "from platform_utils import pipeline, publish\npipeline.clean(1)\npublish.load()\nimport pandas"
    assert {"platform_utils.pipeline:clean", "platform_utils.publish"} == entries_of(source)


def test_cleaning_reaches_validation_and_codebook_data_but_not_the_gate():
    reached = reached_files(["platform_utils.pipeline:clean"])
    assert {"platform_utils.validate", "platform_utils.codebook.book"} <= set(reached)
    assert "resources/codebook/codes.toml" in reached
    assert not [key for key in reached if key.startswith(("platform_utils.protect", "platform_utils.publish"))]


def test_deciding_what_to_run_imports_neither_pandas_nor_papermill():
    probe = "import sys, platform_utils.build; print([m for m in ('pandas', 'papermill') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
