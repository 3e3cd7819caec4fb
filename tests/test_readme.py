"""The README does what it says: each example prints what stands below it."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest

from jacobian.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples(language: str) -> Iterator[tuple[str, str]]:
    """(code, what it prints) for each block that is followed by one of text."""
    blocks = BLOCK.findall(README)
    for (kind, code), (next_kind, printed) in pairwise(blocks):
        if kind == language and next_kind == "text":
            yield code, printed


def plain(text: str) -> str:
    """Without blanks at the ends, and with every rounding error of the machine alike."""
    return "\n".join(re.sub(r"\de-1\d", "1e-15", line.rstrip()) for line in text.strip().splitlines())


def test_the_python_examples_print_what_stands_below_them() -> None:
    names: dict[str, object] = {}
    found = list(examples("python"))
    assert len(found) >= 3
    for code, printed in found:
        out = StringIO()
        with redirect_stdout(out):
            exec(compile(code, "README.md", "exec"), names)
        assert plain(out.getvalue()) == plain(printed)


def test_the_commands_print_what_stands_below_them(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    found = list(examples("sh"))
    assert len(found) >= 3
    for command, printed in found:
        program, *arguments = shlex.split(command)
        assert program == "jacobian"
        assert main(arguments) == 0
        assert plain(capsys.readouterr().out) == plain(printed)
        if arguments[0] == "worksheet" and "--verify" not in arguments:
            assert all(Path(line).is_file() for line in printed.split())


def test_every_extra_that_is_named_is_defined() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = set(re.findall(r"\[([\w,]+)\]", " ".join(re.findall(r"pip install [^\n`]*", README))))
    assert {name for group in named for name in group.split(",")} <= set(extras)
    assert set(extras) >= {"pdf", "notebook", "plot", "data", "fast", "all", "test", "jax", "torch", "dev"}
