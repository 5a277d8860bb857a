"""The house does not grow unseen: lines, modules, long and wide functions against the ratchet."""

import house_size


def test_nothing_is_above_what_is_allowed():
    assert [] == list(house_size.measure().faults())


def test_lines_of_code_hold_tokens_and_are_no_docstrings(tmp_path):
    package = tmp_path / "made_up"
    package.mkdir()
    text = '''"""Module."""\n\n# a comment\nimport os\n\n\ndef f(self, a, b):\n    """Doc.\n\n    More.\n    """\n    return """two\nlines""", os\n'''
    (package / "one.py").write_text(text, encoding="utf-8")
    (package / "two.py").write_text("from made_up.one import f\n", encoding="utf-8")
    house = house_size.measure(package)
    assert (5, 2) == (house.lines, house.modules)
    assert ["made_up.one"] == house.one_importer
    assert 2 == house_size.parameters(house_size.ast.parse(text).body[2])
