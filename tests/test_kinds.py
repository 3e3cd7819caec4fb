"""Every kind of question on cases of every sort: what the key says is right, and nothing of it is on the sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

import jacobian as jac
from jacobian.printing.boxes import Box, Fence, Row, Super, Under
from jacobian.printing.text import text
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, walk
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Display, Document, Exercise, flat
from jacobian.worksheet.kinds import KINDS
from jacobian.worksheet.kinds.layer import Layer, layers, paths, slope
from jacobian.worksheet.render.text import text as plain
from jacobian.worksheet.render.values import identifier, values
from jacobian.worksheet.row import Row as Asked

CASES = {
    "layer": ("z = W*x + b; a = sigmoid(z); L = norm2(a - t)^2/2", "W: m n, x: n, b: m, t: m", "W, b, x"),
    "network": ("z1 = W1*x + b1; a1 = relu(z1); h = W2*a1 + b2; J = norm2(h - t)^2/2",
                "W1: m n, x: n, b1: m, W2: p m, b2: p, t: p", "W1, b1, W2, b2"),
    "least squares": ("norm2(A*x - b)^2", "A: m n, x: n, b: m", "x"),
    "quadratic form": ("x'*A*x", "A: n n, x: n", "x"),
    "two vectors": ("u = A*x; y = tanh(u)", "A: m n, x: n", "x"),
    "batch": ("Z = X*W' + vector(1, N)*b'; L = normF(Z - T)^2/(2*N)", "X: N n, W: m n, b: m, T: N m", "W, b"),
    "softmax": ("z = W*x; p = softmax(z)", "W: m n, x: n", "x"),
    "trace": ("tr(A*X*B)", "A: k m, X: m n, B: n k", "X"),
    "matrix": ("Y = A*X*B", "A: k m, X: m n, B: n k", "X"),
    "cross-entropy": ("h = W*x + b; L = crossentropy(h, t)", "W: m n, x: n, b: m, t: m onehot", "W, b"),
    "scalars": ("u = a'*x; c = exp(u)", "a: n, x: n", "x"),
    "two paths": ("r = A*x - b; L = norm2(r)^2/2 + norm2(x)^2/2", "A: m n, x: n, b: m", "x"),
    "residual": ("z = W*x; a = tanh(z); y = x + V*a; L = norm2(y)^2/2", "W: m n, x: n, V: n m", "x, V"),
}
REFUSED = {
    "step": {"two vectors", "softmax", "matrix"},               # no scalar goal
    "mistake": {"matrix"},                                      # one line
    "compose": {"least squares", "quadratic form", "trace", "matrix", "two paths"},   # no result in between, or two ways
}
MADE = [(kind, name) for kind in KINDS for name in CASES
        if kind != "prove" and name not in REFUSED.get(kind, ())]
PROVEN = [
    ("tr(A*B)", "tr(B*A)", "A: m n, B: n m"), ("vec(A*X*B)", "kron(A, B')*vec(X)", "A: k m, X: m n, B: n p"),
    ("norm2(x)^2", "x'*x", "x: n"), ("inv(A*B)", "inv(B)*inv(A)", "A: n n, B: n n"),
    ("norm2(A*x - b)^2", "x'*A'*A*x - 2*b'*A*x + b'*b", "A: m n, x: n, b: m"),
    ("tr(A'*B)", "sum(A.*B)", "A: m n, B: m n"), ("diag(a)*diag(b)", "diag(a.*b)", "a: n, b: n"),
    ("kron(A, B)*kron(C, D)", "kron(A*C, B*D)", "A: m n, B: p q, C: n k, D: q r"),
    ("det(A*B)", "det(A)*det(B)", "A: n n, B: n n"), ("vec(a*b')", "kron(a, b)", "a: m, b: n"),
    ("x'*(A + A')*x", "2*x'*A*x", "A: n n, x: n"), ("tr(A + A')", "2*tr(A)", "A: n n"),
]
H = 1e-5


@cache
def case(name: str, seed: int = 3) -> Case:
    formula, shapes, by = CASES[name]
    return Case(formula, shapes, by, seed=seed)


@cache
def made(kind: str, name: str, level: int = 2, seed: int = 3, points: int = 0) -> Exercise:
    formula, shapes, by = CASES[name]
    return KINDS[kind](case(name, seed), Asked(kind, formula, shapes, by=by, level=level, points=points))


def shown(exercise: Exercise) -> str:
    return plain(Document("", "", "en", (exercise,)))


def bare(box: Box) -> Box:
    """The box without the shapes below its factors."""
    match box:
        case Under(body):
            return bare(body)
        case Row(items):
            return Row(tuple(map(bare, items)))
        case Fence(left, body, right):
            return Fence(left, bare(body), right)
        case Super(base, sup):
            return Super(bare(base), sup)
    return box


def displays(exercise: Exercise) -> list[list[str]]:
    """The sides of each equation of the key, without shapes."""
    return [text(bare(block.box)).split(" = ") for block in flat(exercise.answer) if isinstance(block, Display)]


# ---- right -----------------------------------------------------------------------------------------------------------


@dataclass
class Slope:
    """∂y/∂x by central differences of NumPy values, in the shape of y and then that of x."""

    y: Expr
    x: Expr
    fixed: bool = False         # whether the other results that y is computed from stay as they are

    def at(self, bind: Binding) -> np.ndarray:
        y = self.y
        if self.fixed:
            y = y.args[0]
            bind = bind.moved({x: bind(x) for x in walk(y) if x.label and x.operation.name == "named"})
        middle = np.array(bind(self.x), dtype=float)
        columns = []
        for place in np.ndindex(*middle.shape):
            ends = []
            for h in (H, -H):
                moved = middle.copy()
                moved[place] += h
                ends.append(np.array(bind.replaced(self.x, moved)(y) if not self.fixed else
                                     _with(bind, self.x, moved)(y), dtype=float).ravel())
            columns.append((ends[0] - ends[1]) / (2 * H))
        return np.stack(columns, axis=1)


def _with(bind: Binding, x: Expr, array: np.ndarray) -> Binding:
    """The binding with another array for x, the named results in it kept."""
    kept = {y: a for y, a in bind._known.items() if y.operation.name == "named"}
    return bind.moved({**kept, x: array})


def point(c: Case, seed: int) -> Binding:
    """Random numbers for the symbols of a case, at sizes that all differ."""
    rng = np.random.default_rng(seed)
    sizes = {str(n): k for k, n in enumerate(sorted({n for x in c.symbols for n in x.shape}, key=str), 2)}
    values = {x: rng.normal(size=[sizes[str(n)] for n in x.shape]) for x in c.symbols}
    for x in c.symbols:
        if "onehot" in x.assumptions:
            values[x] = np.eye(len(values[x]))[0]
    return Binding(values, sizes)


def value_of(question: Question, bind: Binding, c: Case) -> np.ndarray:
    """The text of a question's answer, read again by jac.parse and evaluated."""
    answer, shapes, given = question.source
    steps = "; ".join(f"{name} = {formula}" for name, formula in question.statements)
    x = jac.parse("; ".join(filter(None, [steps, answer])), shapes)
    known = {str(s.label): bind.natural(s) for s in c.symbols}
    return jac.evaluate(x, bind.sizes, **{str(s.label): known[str(s.label)] for s in jac.leaves(x)})


def quantities(c: Case) -> dict[str, Expr]:
    return {**{str(y): y for y in walk(c.goal)}, **{f"({y})": y for y in walk(c.goal)}}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", ["derivative", "backward", "choose", "mistake"])
def test_formulas_of_the_key_are_the_slopes_by_central_differences(kind: str, name: str) -> None:
    if name in REFUSED.get(kind, ()):
        pytest.skip("refused")
    c = case(name)
    compared = 0
    for item in made(kind, name).asked:
        found = re.search(r"∂(\w+)/∂(.+)$", item.name)
        if not found or found[2] not in quantities(c):
            assert item.name == "line"
            continue
        for seed in (1, 2):
            bind = point(c, seed)
            measured = Slope(c.goal, quantities(c)[found[2]]).at(bind)
            np.testing.assert_allclose(value_of(item.question, bind, c).ravel(), measured.ravel(), rtol=1e-6, atol=1e-7)
        compared += 1
    assert compared


@pytest.mark.parametrize("name", CASES)
def test_local_jacobians_are_the_slopes_of_one_function(name: str) -> None:
    c = case(name)
    found = list(layers(c))
    assert found
    for layer in found:
        bind = point(c, 1)
        slope = Slope(layer.y, layer.x, fixed=True).at(bind)
        value = bind(layer.value)
        np.testing.assert_allclose(np.asarray(value, float).reshape(slope.shape), slope, rtol=1e-6, atol=1e-7)


def test_the_local_jacobian_of_a_sum_holds_the_other_term_fixed() -> None:
    """y = x + V a, where a depends on x, too: ∂y/∂x is the identity."""
    c = case("residual")
    y, x = next((y, x) for y, x in c.locals if (str(y), str(x)) == ("y", "x"))
    assert str(Layer(y, x).value) == "Iₙ"


@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSED["compose"]])
def test_compositions_are_the_slopes_of_both_functions_together(name: str) -> None:
    c = case(name)
    for outer, inner in paths(c):
        bind = point(c, 1)
        slope = Slope(outer.y, inner.x).at(bind)
        product = np.asarray(bind(outer.value), float).reshape(slope.shape[0], -1) @ \
            np.asarray(bind(inner.value), float).reshape(-1, slope.shape[1])
        np.testing.assert_allclose(product, slope, rtol=1e-6, atol=1e-7)
    exercise = made("compose", name)
    formula = exercise.asked[0].question
    over, under = (z.removeprefix("vec(").removesuffix(")")
                   for z in re.search(r"∂(.+?)/∂(.+?)\)?ᵀ?$", exercise.asked[0].name).groups())
    named = quantities(c)
    slope = Slope(named[over], named[under]).at(bind)
    np.testing.assert_allclose(value_of(formula, bind, c).ravel(), slope.ravel(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, name in MADE
                                            if kind in ("numbers", "backward", "local", "compose", "step")])
def test_numbers_of_the_key_are_those_of_numpy(kind: str, name: str) -> None:
    """Each number that stands in the key, named results and slopes, computed once more in floating point."""
    c = case(name)
    bind = Binding({x: np.asarray(v, dtype=float) for x, v in c.numbers.values.items()}, c.sizes)
    true = {identifier_of(str(y)): np.asarray(bind(y), float) for y in c.named}
    for layer in layers(c):
        true[identifier(bare(layer.left))] = Slope(layer.y, layer.x, fixed=True).at(bind)
    for x in (x for x in walk(c.goal) if x.label):
        total = Slope(c.goal, x).at(bind)
        true.setdefault(identifier_of(f"∂{c.goal}/∂{x}"), total)
        true.setdefault(identifier(slope(c.goal, x)), total)
    after = {x: np.asarray(c.numbers(x) - c.numbers(c.derivation.value_by(x)) / 10, float)
             for x in c.wrt} if kind == "step" else {}
    true.update({f"{identifier_of(str(x))}_new": array for x, array in after.items()})
    if kind == "step":
        true[identifier_of(str(c.goal))] = np.asarray(Binding({**bind.values(), **after}, c.sizes)(c.goal), float)
    compared = 0
    for value in values(flat(made(kind, name).answer)):
        if value.name in true:
            np.testing.assert_allclose(value.numbers, true[value.name].ravel(), atol=6e-5, rtol=1e-5)
            compared += 1
    assert compared


def identifier_of(words: str) -> str:
    from jacobian.printing.boxes import Name
    return identifier(Name(words))


@pytest.mark.parametrize("name", CASES)
def test_a_predicted_difference_comes_near_the_true_one(name: str) -> None:
    predicted, true = (item.question.rights[0].array for item in made("difference", name).asked)
    assert np.abs(predicted - true).max() <= np.abs(predicted).max() / 10
    c = case(name)
    x = min(c.wrt, key=lambda x: len(x.shape) > 1)
    change = c.change_of(x)
    bind = Binding({s: np.asarray(v, dtype=float) for s, v in c.numbers.values.items()}, c.sizes)
    moved = bind.replaced(x, bind(x) + np.asarray(change, float).reshape(bind(x).shape))
    np.testing.assert_allclose(true.ravel(), (moved(c.goal) - bind(c.goal)).ravel(), rtol=1e-6, atol=1e-12)


# ---- displayed formulas ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", ["derivative", "backward"])
def test_a_formula_as_it_is_displayed_is_accepted_as_an_answer(kind: str, name: str) -> None:
    """What the key prints, read by the checker of answers, which knows nothing of the printer."""
    asked = {item.name: item.question for item in made(kind, name).asked}
    compared = 0
    for *left, formula in (side[:-1] if kind == "backward" and len(side) > 2 and side[-1][0] in "[−0123456789" else side
                           for side in displays(made(kind, name))):
        question = asked.get(" = ".join(left))
        if question and not re.search(r"_\(|^\(|½", formula):           # 1_(N) is not typed so
            assert jac.grade(question, typed(formula)).ok, formula
            compared += 1
    assert compared or name == "batch"


def typed(formula: str) -> str:
    return re.sub(r"\^\(∘(\d)\)", r".^\1", formula)
