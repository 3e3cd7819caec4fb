"""jacobian derive, and jac.derive of a text. Expected: gradients worked by hand, complex steps, sentences."""

import re
import shlex
import time
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jacobian as jac
from jacobian.__main__ import main
from jacobian.cli.derive import EXAMPLES, NOTATIONS
from jacobian.cli.terminal import INDENT, folded
from jacobian.derivation.derivation import Derivation
from jacobian.derivation.views import VIEWS

# A line that each example of --help has to print: the result by hand.
HELP = {
    '"norm2(A*x-b)^2" --wrt x': "∂f/∂x = 2 Aᵀ (A x − b)",
    '"x\'*A*x" --wrt x --shapes "A: n n symmetric" --steps': "with x: n, A: n × n symmetric; ∂f/∂x: n",
    '"x\'*A*x + exp(c*sum(x))" --wrt "x x"': "with x: n, A: n × n, c: scalar; ∂g/∂x: n × n",
    '"logdet(X)" --shapes "X: n n posdef"': "∂f/∂X = X⁻¹",
    '"A*X*B" --wrt X --view kronecker --stacking columns': "∂vec(f)/∂vec(X)ᵀ = Bᵀ ⊗ A",
    '"trace(X\'*A*X)" --wrt X --view index': "∂f/∂Xᵢⱼ = ∑ₖ (Aᵢₖ + Aₖᵢ) Xₖⱼ",
    '"sum(g(A*x))" --wrt x --shapes "g: function" --view differential': "df = g′(A x)ᵀ A dx",
    '"cross_entropy(W*x + b, t)" --wrt "W, b" --shapes "t: m onehot" --check': "∂f/∂b = softmax(W x + b) − t",
    '"z = W*x; a = tanh(z); 0.5*norm2(a-t)^2" --wrt z --to latex':
        r"\frac{\partial f}{\partial z} &= ( \mathbf{1}_{m} - a^{\circ 2} ) \circ ( a - t ) \\",
    '"np.sum(np.exp(X @ w))" --wrt w --to python': "    return X.T @ np.exp(X @ w)",
}


def derived(*arguments: str) -> int:
    return main(["derive", *arguments])


def test_help_shows_the_examples_that_are_tested(capsys) -> None:
    with pytest.raises(SystemExit):
        derived("--help")
    shown = [line.strip().removeprefix("jacobian derive ") for line in capsys.readouterr().out.splitlines()
             if line.startswith("  jacobian derive ")]
    assert shown == list(HELP)
    assert len(shown) == 10
    assert EXAMPLES.count("jacobian derive") == 10


@pytest.mark.parametrize(("example", "line"), HELP.items(), ids=HELP)
def test_an_example_prints_what_a_textbook_says(example: str, line: str, capsys) -> None:
    assert derived(*shlex.split(example)) == 0
    out, err = capsys.readouterr()
    assert line in out.splitlines()
    assert err == ""


def test_the_result_its_shapes_and_how_it_lies_are_shown(capsys) -> None:
    assert derived("norm2(A*x-b)^2", "--wrt", "x") == 0
    assert capsys.readouterr().out == """\
f = ‖A x − b‖²
∂f/∂x = 2 Aᵀ (A x − b)
with A: m × n, x: n, b: m; ∂f/∂x: n

A gradient has the shape of its variable.
"""


SHOWN = {
    "steps": (["norm2(A*x)", "--wrt", "x", "--steps", "--check"],
              ["1. ", "2. ", "A gradient has the shape of its variable.", "Checked by its laws"]),
    "steps and a view": (["A*x", "--wrt", "x", "--steps", "--view", "index"], ["1. ", "∂fᵢ/∂xⱼ = Aᵢⱼ"]),
    "sizes of the check": (["x'*x", "--check"], ["every step holds, at n = 2; n = 1; n = 5."]),
    "minus first": (["-x'*x"], ["∂f/∂x = −2 x"]),
    "stacked": (["X*A", "--wrt", "X"], ["A row for each entry of the function, a column for each of the variable. "
                                        "Matrices are taken row after row."]),
    "by a scalar": (["c*x", "--wrt", "c"], ["∂f/∂c = x", "A derivative by a scalar has the shape of the function."]),
    "second order": (["x'*A*x", "--wrt", "x", "--order", "2"], ["∂g/∂x = A + Aᵀ"]),
    "second order of the only one": (["x'*x", "--order", "2"], ["∂g/∂x = 2 Iₙ"]),
    "mixed": (["x'*A*y", "--wrt", "x y"], ["g = ∂f/∂x = A y", "∂g/∂y = A"]),
    "error signals": (["z = W*x; sum(tanh(z))", "--wrt", "W, x"],
                      ["δ = 1ₘ − tanh(z)^(∘2)", "∂f/∂W = δ xᵀ", "∂f/∂x = Wᵀ δ"]),
    "NumPy": (["A * B", "--wrt", "A", "--syntax", "numpy"], ["f = A ∘ B"]),
    "sizes that are sums": (["[x; y]'*M*[x; y]", "--wrt", "M"], ["with x: m, y: n, M: (m + n) × (m + n)"]),
    "marks": (["max(A*x)", "--wrt", "x"], ["argmax and argmin are 1 at that entry"]),
    "entries": (["x'*x", "--view", "explicit", "--at", "n=2"], ["∂f/∂x = [(2 x₁); (2 x₂)]", "At n = 2."]),
    "denominator": (["exp(A*x)", "--wrt", "x", "--layout", "denominator"], ["∂f/∂x = Aᵀ diag(exp(A x))"]),
    "layout": (["x'*x", "--layout", "numerator"], ["∂f/∂x = 2 xᵀ", "∂f/∂x: 1 × n"]),
    "code": (["x'*x", "--view", "code"], ["    return 2 * x"]),
}


@pytest.mark.parametrize(("arguments", "lines"), SHOWN.values(), ids=SHOWN)
def test_options_show_what_they_promise(arguments: list[str], lines: list[str], capsys) -> None:
    assert derived(*arguments) == 0
    out = capsys.readouterr().out
    for line in lines:
        assert any(given.startswith(line) or given.endswith(line) for given in out.splitlines()), out


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_can_be_asked_for(view: str, capsys) -> None:
    assert derived("norm2(A*x-b)^2", "--wrt", "x", "--view", view, "--shapes", "A: 2 3") == 0
    assert capsys.readouterr().out.strip()


# ---- notations without anything around them --------------------------------------------------------------------------


def test_each_notation_is_printed_alone(capsys) -> None:
    said = {}
    for notation in NOTATIONS:
        assert derived("W*x", "--wrt", "W, x", "--to", notation, "--check") == 0
        out, err = capsys.readouterr()
        said[notation] = out.strip()
        assert ("Checked" in err) == (notation != "text")
    assert re.fullmatch(r"\\\[\n\\begin{aligned}.*\\end{aligned}\n\\\]", said["latex"], re.DOTALL)
    assert re.fullmatch(r"\$ .* \$", said["typst"], re.DOTALL)
    assert ElementTree.fromstring(said["mathml"]).tag.endswith("math")
    assert said["python"].startswith("import numpy as np")


def test_the_python_source_runs_as_it_is(capsys) -> None:
    assert derived("norm2(tanh(A*x) - b)^2", "--wrt", "x", "--to", "python") == 0
    space: dict[str, object] = {}
    exec(capsys.readouterr().out, space)
    rng = np.random.default_rng(0)
    A, x, b = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3)
    steps = [np.sum((np.tanh(A @ (x + 1e-30j * e)) - b) ** 2).imag / 1e-30 for e in np.eye(2)]
    np.testing.assert_allclose(space["derivative"](A=A, x=x, b=b), steps, rtol=1e-12)


# ---- in a terminal ---------------------------------------------------------------------------------------------------


def test_colours_and_folds_are_for_terminals_only(capsys, monkeypatch) -> None:
    long = ["sum(exp(A*x)) + sum(sin(B*x)) + sum(cos(C*x)) + sum(tanh(D*x))", "--wrt", "x"]
    assert derived(*long) == 0
    plain = capsys.readouterr().out
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) > 60
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert derived(*long) == 0
    coloured = capsys.readouterr().out
    assert "\x1b[" in coloured
    shown = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert max(map(len, shown.splitlines())) <= 60
    assert shown.split() == plain.split()


def test_a_long_formula_is_folded_at_its_sums() -> None:
    line = "∂f/∂x = Aᵀ (exp(A x) ∘ (b + c)) + Bᵀ (cos(B x) ∘ (b − c)) − Cᵀ (sin(C x) ∘ b)"
    assert list(folded(line, 60)) == ["∂f/∂x = Aᵀ (exp(A x) ∘ (b + c)) + Bᵀ (cos(B x) ∘ (b − c))",
                                      "      − Cᵀ (sin(C x) ∘ b)"]


@given(st.text(alphabet="ab (+−=[)]‖", max_size=80), st.integers(10, 40))
def test_folding_loses_nothing(line: str, width: int) -> None:
    pieces = list(folded(line, width))
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")
    for piece, _ in pairwise(pieces):
        assert len(piece) <= width
    assert all(piece.startswith(" " * INDENT) for piece in pieces[1:])


# ---- what is refused -------------------------------------------------------------------------------------------------

BAD = {
    "unknown variable": (["A*x - b", "--wrt", "x, y"], "has no y, but A, x and b (at character 4)", "x, y\n     ^"),
    "ill-shaped": (["c + A*x", "--shapes", "A: m n, x: m"], "A has n columns, but x has m entries (at character 5)",
                   "c + A*x\n      ^^^"),
    "which variable": (["norm2(A*x-b)^2"], 'the formula has the variables A, x and b: say by which', ""),
    "nothing to derive by": (["2"], "there is nothing to derive by: the formula has no variable", ""),
    "only data": (["t'*t", "--shapes", "t: n onehot"], "the formula has only t, which are data", ""),
    "a comma": (["A*x", "--wrt", "A,, x"], "a variable is missing before this comma (at character 3)", "A,, x\n    ^"),
    "a comma at the end": (["A*x", "--wrt", "A,"], "end too early", ""),
    "two at once, twice": (["A*x", "--wrt", "A, x", "--order", "2"], "by A and x at once is not derived again", ""),
    "unreadable shapes": (["x'*x", "--shapes", "A: m n, x; n"], "does not begin with a name",
                          "A: m n, x; n\n          ^^^^"),
    "view": (["x'*x", "--view", "tensor"], "invalid choice: 'tensor'", ""),
    "notation": (["x'*x", "--to", "word"], "invalid choice: 'word'", ""),
    "option of another view": (["x'*x", "--view", "index", "--layout", "numerator"], "has no option 'layout'", ""),
    "no sizes": (["x'*x", "--view", "explicit"], '--at "n=2, …"', ""),
    "sizes": (["x'*x", "--view", "explicit", "--at", "n=two"], "sizes are given as in", ""),
    "large sizes": (["x'*x", "--view", "explicit", "--at", "n=" + "9" * 5000], "at most 20", ""),
    "a view in Python": (["x'*x", "--view", "index", "--to", "python"], "leave out --view", ""),
    "Python in LaTeX": (["x'*x", "--view", "code", "--to", "latex"], "has no latex", ""),
    "unknown function": (["f(x)"], 'applied entry by entry, "f: function" (at character 1)', "f(x)\n  ^"),
    "class index": (["cross_entropy(W*x, t)", "--wrt", "t", "--shapes", "t: index"], "no derivative by an index", ""),
    "no rule": (["expm(A)", "--wrt", "A A"], "no derivative of frechet", ""),
    "nowhere finite": (["chol(A)"], 'declare what is known, such as "x: n positive" or "A: n n posdef"', ""),
    "empty": ([""], "the text of the formula is empty", ""),
    "both syntaxes": (["A @ x + y'", "--wrt", "x"], "' is MATLAB's and @ is NumPy's", ""),
    "constant": (["c'*x", "--wrt", "c", "--shapes", "c: n constant"], "constant", ""),
    "three sizes": (["x'*x", "--shapes", "x: n n n"], "at most two sizes", "x: n n n\n  ^^^^^^^^"),
    "unclosed": (["sum((x)"], "the bracket ( is not closed (at character 4)", "sum((x)\n     ^"),
    "nested": (["(" * 40_000], "brackets stand more than 100 deep", "^"),
    "tower": (["9^9^9^9"], "read in two ways", "^"),
    "noise": (["".join(map(chr, np.random.default_rng(0).integers(33, 0x3000, 10**6)))], "has 1000000 characters", ""),
    "noise for shapes": (["x'*x", "--shapes", "x" * 10**6], "has 1000000 characters", ""),
    "noise for a variable": (["x'*x", "--wrt", "x" * 40_000], "the formula has no xxx", "^" * 76),
}


@pytest.mark.parametrize(("arguments", "sentence", "place"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_with_its_place(arguments: list[str], sentence: str, place: str, capsys) -> None:
    start = time.process_time()
    assert derived(*arguments) == 2
    assert time.process_time() - start < 2
    out, err = capsys.readouterr()
    first, _, picture = err.rstrip("\n").partition("\n")
    assert out == ""
    assert first.startswith("jacobian: ")
    assert sentence in first
    assert picture.endswith(place)
    assert bool(picture) == ("(at character" in first)
    assert len(first) < 400
    assert all(len(line) <= 80 for line in picture.splitlines())


def test_a_derivation_that_does_not_hold_is_not_printed(monkeypatch, capsys) -> None:
    monkeypatch.setattr(Derivation, "check", lambda self, seed=0: jac.Check(("step 1 is wrong",), ()))
    monkeypatch.setattr("jacobian.derivation.derivation._agree", lambda derivation: derivation.check())
    assert derived("x'*x") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "not printed, because it does not hold: step 1 is wrong" in err


# ---- from Python -----------------------------------------------------------------------------------------------------


def test_a_text_is_derived_as_the_expression_that_it_says() -> None:
    A, x, b = jac.symbols("A: m n, x: n, b: m")
    f = jac.norm(A @ x - b) ** 2
    assert jac.derive("norm2(A*x-b)^2", "x: n", wrt="x").value is jac.derive(f, x).value
    assert jac.derive("norm2(A @ x - b)**2", wrt="x", syntax="numpy").value is jac.derive(f, x).value
    assert jac.derive("norm2(A*x-b)^2", wrt="x x").value is jac.derive(f, x, x).value
    both = jac.derive("norm2(A*x-b)^2", wrt=" A ,b ")
    assert both.wrt == (A, b)
    assert both.value_by(A) is jac.derive(f, A).value


def test_a_variable_may_be_a_named_result_or_not_be_in_the_formula() -> None:
    d = jac.derive("z₁ = W*x; sum(tanh(z₁))", wrt="z₁")
    assert str(d.wrt[0]) == "z₁"
    assert str(d.value) == "1ₘ − tanh(z₁)^(∘2)"
    assert str(jac.derive("x'*x", "y: k", wrt="y").value) == "0ₖ"


def test_the_only_variable_need_not_be_named() -> None:
    assert jac.derive("x'*A*x", "A: n n constant").wrt == (jac.symbol("x: n"),)


@pytest.mark.parametrize(("call", "said"), {
    "two texts": (lambda: jac.derive("x", "x: n", "y: n", wrt="x"), "takes one text of declarations"),
    "wrt of an expression": (lambda: jac.derive(jac.symbol("x: n"), wrt="x"), "belong to a text"),
    "no words": (lambda: jac.derive("x'*x", wrt=3), "said in words"),
    "no declarations": (lambda: jac.derive("x'*x", jac.symbol("x: n")), "declared in words"),
    "many": (lambda: jac.derive("+".join(f"x{k}" for k in range(40)), wrt="y"), "and 28 more"),
}.values())
def test_what_cannot_be_derived_by_is_said(call, said: str) -> None:
    with pytest.raises(jac.InputError, match=said):
        call()


# ---- in a notebook ---------------------------------------------------------------------------------------------------


def test_a_notebook_shows_formulas() -> None:
    d = jac.derive("norm2(A*x-b)^2", wrt="x")
    assert d.value._repr_latex_() == r"$\displaystyle 2 A^{\top} ( A x - b )$"
    shown = d._repr_latex_()
    assert shown.startswith(r"$$\begin{aligned} f &= \lVert A x - b \rVert^{2} \\ \frac{\partial f}{\partial x} &= ")
    assert shown.endswith(r"\end{aligned}$$")
    for view in VIEWS.keys() - {"explicit", "code", "plain"}:
        latex = d.view(view)._repr_latex_()
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\begin{") == latex.count(r"\end{")
    assert d.view("code")._repr_latex_() is d.view("plain")._repr_latex_() is None


def test_a_prompt_is_not_flooded() -> None:
    d = jac.derive("norm2(A*x-b)^2", wrt="x")
    assert repr(d) == f"<Derivation of ∂f/∂x, {len(d.steps)} steps>"
    assert repr(d.view("matrix")) == str(d.view("matrix"))
