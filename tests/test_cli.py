"""The command line: what bad input gets is one sentence and status 2, and no half-written file."""

from pathlib import Path

import pytest

from jacobian.cli import main

BAD = {
    "topic": (["worksheet", "origami"], "topic 'origami' is not known: choose one of backprop"),
    "activation": (["worksheet", "backprop", "--activation", "spline"], "choose one of relu, leaky-relu"),
    "loss": (["worksheet", "backprop", "--loss", "l7"], "choose one of half-squared"),
    "empty layer": (["worksheet", "backprop", "--network", "2-0-4"], "layer 1 of the network 2-0-4 has no units"),
    "one layer": (["worksheet", "backprop", "--network", "3"], "sizes of its layers"),
    "letters": (["worksheet", "backprop", "--network", "2-x-1"], "sizes of its layers"),
    "negative": (["worksheet", "backprop", "--network=-2-3"], "sizes of its layers"),
    "too wide": (["worksheet", "backprop", "--network", "2-900-1"], "too large to be worked by hand"),
    "very large": (["worksheet", "backprop", "--network", "2-" + "9" * 4000], "sizes of its layers"),
    "too deep": (["worksheet", "backprop", "--network", "1-1-1-1-1-1-1-1"], "too large to be worked by hand"),
    "one class": (["worksheet", "backprop", "--network", "2-1", "--loss", "cross-entropy"], "at least two outputs"),
    "seed": (["worksheet", "backprop", "--seed", "-4"], "a seed is a whole number from 0 on"),
    "seed in words": (["worksheet", "backprop", "--seed", "seven"], "invalid int value: 'seven'"),
    "option": (["worksheet", "backprop", "--colour", "red"], "unrecognized arguments"),
    "no command": ([], "required: COMMAND"),
    "unknown command": (["fold"], "invalid choice: 'fold'"),
}


@pytest.mark.parametrize(("arguments", "said"), BAD.values(), ids=BAD)
def test_bad_input_gets_one_sentence_and_status_2(arguments, said, capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("jacobian: ")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(capsys, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    assert main(["worksheet", "backprop", "--out", str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "kept"


def test_the_worksheet_command_writes_sheet_and_key_and_says_where(capsys, tmp_path: Path) -> None:
    assert main(["worksheet", "backprop", "--network", "2-3-4-1", "--activation", "relu", "--loss", "half-squared",
                 "--seed", "7", "--out", str(tmp_path)]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(p.name for p in written) == ["backprop-key.html", "backprop-key.md", "backprop.html", "backprop.md"]
    assert sorted(tmp_path.iterdir()) == sorted(written)


@pytest.mark.parametrize("arguments", [["--help"], ["worksheet", "--help"]])
def test_help_shows_examples(arguments, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 0
    assert "jacobian worksheet backprop --network 2-3-4-1" in capsys.readouterr().out
