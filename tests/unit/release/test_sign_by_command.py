"""A reader signs an edition by the command, and is told who, what and which files."""

from platform_utils import cli, publish
from platform_utils.cli import release as command


def test_a_reader_signs_an_edition_by_the_command(tmp_path, monkeypatch, capsys):
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "data_raw").mkdir()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    monkeypatch.setenv("PLATFORM_UTILS_KEYS", str(tmp_path / "keys"))
    monkeypatch.setattr(command, "_files", lambda *_: {"annual.html": b"x"})
    monkeypatch.setattr(publish, "read_released", lambda *_: [])
    phrase = tmp_path / "phrase"
    phrase.write_text("a long phrase that nobody knows\n", encoding="utf-8")
    phrase.chmod(0o600)
    day = ["--source", "demo", "--date", "2024-08-15", "--passphrase-file", str(phrase)]
    assert 0 == cli.main(["reader", "add", "A. Ett", *day])
    capsys.readouterr()
    assert 0 == cli.main(["release", "2023", *day, "--sign", "A. Ett", "--reason", "read", "--lang", "en"])
    candidate, signed = capsys.readouterr().out.splitlines()[-2:]
    assert signed.startswith("A. Ett: approve on ")
    assert signed.removeprefix("A. Ett: approve on ").rstrip(".") in candidate
