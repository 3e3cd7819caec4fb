"""The command line: what bad input gets is one sentence and status 2, and no half-written file."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import jacobian as jac
from jacobian.__main__ import main

ROOT = Path(__file__).parent.parent
BAD = {
    "topic": (["worksheet", "origami"], "topic 'origami' is not known: choose one of backprop"),
    "activation": (["worksheet", "backprop", "--activation", "spline"], "choose one of relu, leaky-relu"),
    "activations": (["worksheet", "backprop", "--network", "2-3-1", "--activation", "relu,tanh"],
                    "one for each of the 1, but 'relu,tanh' has 2"),
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


@pytest.mark.parametrize("name", ["jacobian", "mlp"])
def test_an_installed_program_is_the_one_that_is_tested(name, capsys) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    module, function = scripts[name].split(":")
    assert getattr(import_module(module), function)(["fold"]) == 2
    assert capsys.readouterr().err.startswith(f"{name}: argument COMMAND: invalid choice: 'fold'")


# ---- what every program has in common ------------------------------------------------------------------------------

ENDS = {
    "print('δ')": (141, ""),
    "print('δ ' * 100_000)": (141, ""),
    "import numpy; raise KeyboardInterrupt": (130, "prog: interrupted\n"),
    "raise MemoryError": (2, "prog: there is not enough memory: choose smaller sizes\n"),
    "raise FileNotFoundError(2, 'No such file or directory')":
        (2, "prog: No such file or directory\n"),
    "open('nowhere/file')": (2, "prog: nowhere/file: No such file or directory\n"),
    "raise PermissionError(13, 'Not allowed', 'locked')": (2, "prog: locked: Not allowed\n"),
    "import jacobian; raise jacobian.InputError('two\\nlines')": (2, "prog: two lines\n"),
}


def program(body: str, folder: Path, **options) -> subprocess.Popen:
    """A program whose module does this when it is imported; its main does nothing."""
    (folder / "prog.py").write_text(f"{body}\ndef main(arguments):\n    return 0\n", encoding="utf-8")
    code = "import sys; from jacobian import command; sys.exit(command('prog', 'prog')())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]), "PYTHONIOENCODING": "utf-8",
                   "PYTHONUNBUFFERED": "", **options.pop("env", {})}
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize(("body", "status", "said"), [(body, *end) for body, end in ENDS.items()], ids=list(ENDS))
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_program_whose_reader_has_gone_ends_with_a_sentence_at_most(body, status, said, unbuffered, tmp_path) -> None:
    run = program(body, tmp_path, stdout=subprocess.PIPE, env={"PYTHONUNBUFFERED": unbuffered})
    run.stdout.close()
    with run.stderr:
        assert run.stderr.read().decode() == said
    assert run.wait() == status


@pytest.mark.parametrize("body", ["print('δ')", "print('δ' * 100_000)"])
def test_a_full_disk_behind_the_output_is_one_sentence(body, tmp_path) -> None:
    with open("/dev/full", "w") as full, program(body, tmp_path, stdout=full) as run:
        assert run.communicate()[1] == b"prog: No space left on device\n"
    assert run.returncode == 2


def test_a_full_disk_behind_the_complaint_leaves_the_status(tmp_path) -> None:
    (tmp_path / "prog.py").write_text("raise MemoryError")
    code = "import sys; from jacobian import command; sys.exit(command('prog', 'prog')())"
    with open("/dev/full", "w") as full:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
        assert subprocess.run([sys.executable, "-c", code], env=environment, stderr=full, check=False).returncode == 2


@pytest.mark.parametrize(("encoding", "shown"), [
    ("utf-8", "∂J/∂δ ‖x‖ é"), ("cp1252", r"\u2202J/\u2202\u03b4 \u2016x\u2016 é"),
    ("ascii", r"\u2202J/\u2202\u03b4 \u2016x\u2016 \xe9"),
])
def test_characters_that_the_output_cannot_show_are_written_as_numbers(encoding, shown, tmp_path) -> None:
    environment = {"PYTHONIOENCODING": encoding}
    with program("print('∂J/∂δ ‖x‖ é')", tmp_path, stdout=subprocess.PIPE, env=environment) as run:
        out, err = run.communicate()
    assert (out.decode(encoding).rstrip(), err, run.returncode) == (shown, b"", 0)


def test_no_output_at_all_is_no_mistake(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["worksheet", "backprop", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.iterdir())) == 4
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["fold"]) == 2


def test_what_is_no_bad_input_keeps_its_traceback(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "broken.py").write_text("def main(arguments):\n    return 1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ZeroDivisionError):
        jac.command("broken", "broken")()


def test_of_the_four_files_none_is_written_where_one_cannot_be(capsys, tmp_path: Path) -> None:
    (tmp_path / "backprop-key.md").mkdir()
    assert main(["worksheet", "backprop", "--out", str(tmp_path)]) == 2
    assert "backprop-key.md cannot be written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["backprop-key.md"]
