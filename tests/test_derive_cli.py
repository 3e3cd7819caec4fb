"""jacobian derive: the examples of its help run, other notations can be pasted, and bad input is one sentence."""

import re
import shlex

import numpy as np
import pytest

from jacobian.__main__ import main
from jacobian.cli.derive import EXAMPLES

COMMANDS = [shlex.split(line)[1:] for line in EXAMPLES.splitlines() if line.startswith("  jacobian")]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: " ".join(a[1:]))
def test_an_example_of_the_help_runs(arguments: list[str], capsys) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.strip()


# Other formulas than those of the corpus, and what is to be read in the answer.
WRITTEN = [
    (["x'*A*x", "--wrt", "x"], "∂f/∂x = (A + Aᵀ) x"),
    (["norm2(A*x-b)^2", "--wrt", "x"], "with A: m × n, x: n, b: m"),
    (["x'*A*x", "--wrt", "x x"], "A + Aᵀ"),
    (["softmax(W*x)", "--wrt", "x", "--layout", "denominator"], "Wᵀ"),
    (["A*X*B", "--wrt", "X", "--view", "kronecker"], "A ⊗ Bᵀ"),
    (["A*X*B", "--wrt", "X", "--view", "kronecker", "--stacking", "columns"], "Bᵀ ⊗ A"),
    (["trace(A*X)", "--wrt", "X", "--view", "differential"], "df = tr("),
    (["z = W*x; a = tanh(z); 0.5*norm2(a-t)^2", "--wrt", "W", "--steps"], "δ"),
    (["sum(exp(x))", "--check"], "every step holds"),
]


@pytest.mark.parametrize(("arguments", "said"), WRITTEN, ids=lambda a: " ".join(a) if isinstance(a, list) else "")
def test_the_answer_is_written_as_in_a_textbook(arguments: list[str], said: str, capsys) -> None:
    assert main(["derive", *arguments]) == 0
    assert said in re.sub(r"\s+", " ", capsys.readouterr().out)


def test_python_source_can_be_run_as_it_is(capsys) -> None:
    assert main(["derive", "norm2(A*x-b)^2", "--wrt", "x", "--to", "python"]) == 0
    room: dict[str, object] = {}
    exec(capsys.readouterr().out, room)
    A, x, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -1.0]), np.array([1.0, 0.0, 2.0])
    np.testing.assert_allclose(room["derivative"](A=A, x=x, b=b), 2 * A.T @ (A @ x - b))  # type: ignore[operator]


@pytest.mark.parametrize(("to", "begins"), [("latex", r"\["), ("typst", "$"), ("mathml", "<math")])
def test_other_notations_stand_alone(to: str, begins: str, capsys) -> None:
    assert main(["derive", "x'*A*x", "--wrt", "x", "--to", to]) == 0
    assert capsys.readouterr().out.startswith(begins)


BAD = {
    "unknown variable": (["A*x", "--wrt", "z"], "the formula has no z"),
    "ill-shaped": (["A*x + b'", "--shapes", "A: m n, x: n, b: m"], "b'"),
    "several variables": (["A*x + b"], "say by which to derive"),
    "no variable": (["1 + 2"], "nothing to derive by"),
    "unknown view": (["x'*x", "--view", "cubist"], "invalid choice: 'cubist'"),
    "unreadable shapes": (["x'*x", "--shapes", "x: n n n"], "x: n n n"),
    "unclosed bracket": (["sum((x)", "--wrt", "x"], "("),
    "unknown function": (["sine(x)", "--wrt", "x"], "sine"),
    "empty": ([""], "empty"),
    "noise": (["#" * 10**6, "--wrt", "x"], "jacobian: "),
    "nested": (["(" * 10**5, "--wrt", "x"], "jacobian: "),
    "tower": (["9^9^9^9", "--wrt", "x"], "jacobian: "),
    "python with a view": (["x'*x", "--to", "python", "--view", "index"], "--to python"),
    "constant": (["c'*x", "--wrt", "c", "--shapes", "c: n constant, x: n"], "constant"),
    "sizes": (["A*x", "--wrt", "x", "--view", "explicit", "--at", "m"], "m=2, n=3"),
}


@pytest.mark.parametrize(("arguments", "said"), BAD.values(), ids=BAD)
def test_bad_input_gets_one_sentence_and_status_2(arguments: list[str], said: str, capsys) -> None:
    assert main(["derive", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("jacobian: ")
    assert said in err
    assert "Traceback" not in err
