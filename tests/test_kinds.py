"""Every kind of question on cases of every sort: what the key says is right, and nothing of it is on the sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

import numpy as np
import pytest

import jacobian as jac
from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Fence, Name, Row, Super, Under
from jacobian.printing.text import text
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, walk
from jacobian.worksheet.answers.mistakes import MISTAKES
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Bullets, Display, Document, Exercise, Mark, Paragraph, flat
from jacobian.worksheet.kinds import KINDS
from jacobian.worksheet.kinds.layer import Layer, layers, paths, slope
from jacobian.worksheet.kinds.proof import proof
from jacobian.worksheet.kinds.wrong import wrongs
from jacobian.worksheet.matter import grid
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
    "choose": {"matrix"},                                       # nothing but signs and factors in front can be wrong
    "compose": {"least squares", "quadratic form", "trace", "matrix", "two paths"},   # no result in between
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
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))]
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
    answer, shapes, _ = question.source
    steps = "; ".join(f"{name} = {formula}" for name, formula in question.statements)
    x = jac.parse("; ".join(filter(None, [steps, answer])), shapes)
    known = {str(s.label): bind.natural(s) for s in c.symbols}
    return jac.evaluate(x, bind.sizes, **{str(s.label): known[str(s.label)] for s in jac.leaves(x)})


def quantities(c: Case) -> dict[str, Expr]:
    return {**{str(y): y for y in walk(c.goal)}, **{f"({y})": y for y in walk(c.goal)}}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, name in MADE
                                            if kind in ("derivative", "backward", "choose", "mistake")])
def test_formulas_of_the_key_are_the_slopes_by_central_differences(kind: str, name: str) -> None:
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
    assert str(Layer(y, x, c.notation).value) == "Iₙ"


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
                                            if kind in ("numbers", "backward", "local", "compose", "step")
                                            and (kind, name) != ("local", "matrix")])     # too large for numbers
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
        true.setdefault(identifier(slope(c.goal, x, c.notation)), total)
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
    for sides in displays(made(kind, name)):
        *left, formula = sides[:-1] if kind == "backward" and NUMBERS.fullmatch(sides[-1]) else sides
        if question := asked.get(" = ".join(left)):
            assert jac.grade(question, typed(formula)).ok, formula
            compared += 1
    assert compared >= len(case(name).wrt)


NUMBERS = re.compile(r"\[?[-−0-9.; ]+]?")


def typed(formula: str) -> str:
    """A formula of the printer as it is typed: .^2 for an exponent of each entry, ones(N)."""
    return re.sub(r"1_\(([\w,]+)\)", r"ones(\1)", re.sub(r"\^\(∘(\d)\)", r".^\1", formula))


# ---- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSED["mistake"]])
def test_the_planted_line_is_wrong_and_all_others_are_right(name: str, seed: int) -> None:
    """The lines of the sheet, graded as answers at two sets of random points."""
    right = {item.name: item.question for item in made("backward", name, seed=seed).asked}
    exercise = made("mistake", name, seed=seed)
    line, mended = (item.question for item in exercise.asked)
    lines = {int(block.number): text(block.box) for block in exercise.question
             if isinstance(block, Display) and block.number}
    assert len(lines) == len(case(name, seed).derivation.lines)
    planted = int(line.answer)
    for k, said in lines.items():
        left, _, formula = said.rpartition(" = ")
        question = mended if k == planted else right.get(left)
        for again in (0, 9) if question else ():
            verdict = jac.grade(replace(question, seed=again), typed(formula))
            assert verdict.verdict == ("wrong" if k == planted else "accepted"), (said, verdict)


@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSED["mistake"]])
def test_the_key_of_a_mistake_says_which_line_what_it_is_called_and_a_number(name: str) -> None:
    exercise = made("mistake", name)
    key, planted = shown(exercise), exercise.asked[0].question.answer
    assert f"Line {planted} is wrong" in key
    assert any(f"This mistake is called {row.name}." in " ".join(key.replace("│", " ").split()) for row in MISTAKES)
    first = re.search(r"would be (\S+) by this line, but a difference gives ≈ (\S+)\.",
                      " ".join(key.replace("│", " ").split()))
    assert first[1] != first[2]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSED["choose"]])
def test_one_choice_is_right_and_all_differ(name: str, seed: int) -> None:
    exercise = made("choose", name, seed=seed)
    lists = [block for block in exercise.question if isinstance(block, Bullets)]
    assert len(lists) == len(exercise.asked) == len(case(name, seed).wrt)
    for options, item, mark in zip(lists, exercise.asked, exercise.answer, strict=True):
        formulas = [typed(text(box)) for _, box in options.items]
        verdicts = [jac.grade(item.question, formula) for formula in formulas]
        assert sorted(v.verdict for v in verdicts) == ["accepted", "wrong", "wrong", "wrong"], formulas
        letter = "abcd"[[v.ok for v in verdicts].index(True)]
        assert f"({letter}) is right" in "".join(map(str, mark.blocks[0].parts))
        for k, formula in enumerate(formulas) if item is exercise.asked[0] else ():
            question = replace(item.question, answer=formula, shapes=item.question.source[1])
            assert [jac.grade(question, other).ok for other in formulas] == [j == k for j in range(4)], formulas


def test_wrong_formulas_all_differ_at_several_points() -> None:
    c = case("network")
    line = next(line for line in c.derivation.lines if line.name == "δ1")
    found = list(islice(wrongs(c, line.value, (), np.random.default_rng(0)), 40))
    assert len(found) == 40
    binds = [point(c, seed) for seed in range(6)]
    measured = [np.concatenate([bind(x).ravel() for bind in binds]) for x in (line.value, *(w.value for w in found))]
    for k, array in enumerate(measured):
        assert not any(np.allclose(array, other) for other in measured[:k])
    one, same = found[0], [array.copy() for array in found[0].points]
    for array in same[:2]:
        array += 1
    assert not one.differs(same)
    same[2] += 1
    assert one.differs(same)


def test_the_right_choice_has_no_fixed_place() -> None:
    letters = {made("choose", "layer", seed=seed).answer[0].blocks[0].parts[0] for seed in range(8)}
    assert len(letters) > 2


def test_mistakes_that_belong_to_a_formula_come_before_those_of_any() -> None:
    names = {made("mistake", "network", seed=seed).answer[1].blocks[0].parts[0] for seed in range(6)}
    assert len(names) > 2
    assert not any("called sign" in name or "called constant factor" in name for name in names)


# ---- blanks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", range(1, 6))
@pytest.mark.parametrize("name", CASES)
def test_a_blank_filled_with_the_answer_gives_the_line_and_the_level_gives_their_number(name: str, level: int) -> None:
    exercise, lines = made("blank", name, level=level), case(name).derivation.lines
    told = {block.number: block.box for block in exercise.question if isinstance(block, Display) and block.number}
    blanks = {number: text(box) for number, box in told.items() if "Blank(" in repr(box)}
    assert 1 <= len(blanks) <= (len(lines) if level >= 4 else min(level, len(lines)))
    assert len(exercise.answer) == len(blanks)
    for mark, (number, line) in zip(exercise.answer, blanks.items(), strict=True):
        said, display = mark.blocks
        assert said.parts[0] == f"In line {number}: "
        whole = text(bare(display.box))
        assert re.fullmatch(re.escape(line).replace(re.escape("_" * 6) * 2, "_" * 6).replace("_" * 6, r"(.+)"), whole)
        assert text(said.parts[1]) in whole


def test_a_row_names_the_lines_with_blanks() -> None:
    formula, shapes, by = CASES["network"]
    exercise = KINDS["blank"](case("network"), Asked("blank", formula, shapes, by=by, blank=(2, 6)))
    assert [mark.blocks[0].parts[0] for mark in exercise.answer] == ["In line 2: ", "In line 6: "]
    with pytest.raises(InputError, match="from 1 to 8, but 9 was given"):
        KINDS["blank"](case("network"), Asked("blank", formula, shapes, by=by, blank=(9,)))


@pytest.mark.parametrize("name", CASES)
def test_what_stands_in_a_blank_is_accepted(name: str) -> None:
    for level in (1, 3):
        for item in made("blank", name, level=level).asked:
            mark = next(mark for mark in made("blank", name, level=level).answer
                        if mark.blocks[0].parts[0] == f"In {item.name}: ")
            assert jac.grade(item.question, typed(text(mark.blocks[0].parts[1]))).ok
            assert not jac.grade(item.question, f"2*({typed(text(mark.blocks[0].parts[1]))})").ok


# ---- proofs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right", "shapes"), PROVEN)
def test_every_step_of_a_proof_is_true_by_numbers_and_has_a_rule(left: str, right: str, shapes: str) -> None:
    exercise = KINDS["prove"](Case(left, shapes), Asked("prove", left, shapes, equal=right))
    steps = proof(jac.parse(left, shapes), jac.parse(right, shapes))
    assert exercise.points == len(exercise.answer) == len(steps) - 1
    rng = np.random.default_rng(1)
    symbols = jac.symbols(shapes)
    sizes = {str(n): k for k, n in enumerate(dict.fromkeys(n for x in symbols for n in x.shape), 2)}
    arrays = {str(x): rng.normal(size=[sizes[str(n)] for n in x.shape]) for x in symbols}
    true = jac.evaluate(jac.parse(left, shapes), **arrays)
    for step, mark in zip(steps[1:], exercise.answer, strict=True):
        np.testing.assert_allclose(jac.evaluate(jac.parse(step.value.plain(), shapes), sizes, **{
            str(x): arrays[str(x)] for x in jac.leaves(step.value)}), true, rtol=1e-9)
        assert step.rule.name in mark.why[0]
        assert text(bare(mark.blocks[0].box)).endswith(str(step.value))
    assert jac.equivalent(steps[-1].value, jac.parse(right, shapes)).how == "the same expression"


@pytest.mark.parametrize(("left", "right", "complaint"), [
    ("tr(A*B)", "tr(A)*tr(B)", "are not equal: they differ"),
    ("(A*B)'", "B'*A'", "both sides are read as the same"),
    ("exp(log(det(A)))", "det(A)", "no proof was found|only one of them has a value"),
    ("tr(A*B)", "", "two sides"),
    ("tr(A*B)", "tr(A*C)", "C"),
])
def test_what_cannot_be_proven_is_refused_in_words(left: str, right: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        KINDS["prove"](Case(left, "A: n n, B: n n"), Asked("prove", left, "A: n n, B: n n", equal=right))


# ---- marks, hints, leaks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name"), MADE)
def test_points_add_up_and_every_mark_has_a_reason(kind: str, name: str) -> None:
    exercise = made(kind, name)
    assert all(isinstance(mark, Mark) and mark.points > 0 and mark.why for mark in exercise.answer)
    assert exercise.points == sum(mark.points for mark in exercise.answer)
    assert exercise.level == 2
    assert sum(item.points for item in exercise.asked) == pytest.approx(exercise.points)
    assert len({item.name for item in exercise.asked}) == len(exercise.asked)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "prove"])
def test_the_points_of_a_row_are_shared_among_its_marks(kind: str) -> None:
    again = made(kind, "network", points=7)
    assert again.points == sum(mark.points for mark in again.answer) == 7
    assert sum(item.points for item in again.asked) == pytest.approx(7)


@pytest.mark.parametrize(("kind", "name"), MADE)
def test_what_a_program_marks_is_made_again_from_its_texts(kind: str, name: str) -> None:
    for item in made(kind, name).asked:
        again = Question(**item.question.fields)
        assert again.text
        for first, second in zip(item.question.rights, again.rights, strict=True):
            np.testing.assert_allclose(first.array, second.array, rtol=1e-12)


@pytest.mark.parametrize(("kind", "name"), MADE)
def test_two_hints_give_nothing_of_the_answer_away(kind: str, name: str) -> None:
    exercise = made(kind, name)
    assert len(exercise.hints) == 2
    hints = " ".join(str(part) for hint in exercise.hints for part in hint)
    for sides in displays(exercise):
        assert not any(side in hints for side in sides[1:] if len(side) > 2)


LEAKING = {"choose": "the right formula is one of the four", "mistake": "another line may say the same"}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, name in MADE if kind not in LEAKING])
def test_nothing_of_the_answer_is_on_the_sheet(kind: str, name: str) -> None:
    exercise = made(kind, name)
    sheet = " ".join(shown(exercise.unanswered).split())
    given = {text(grid(case(name).numbers(x))) for x in case(name).symbols}        # ∂z/∂x is W itself
    answers = [sides[-1] for sides in displays(exercise) if len(sides[-1]) > 2 and sides[-1] not in given]
    assert answers or kind == "shape"
    assert not [answer for answer in answers if f"= {answer}" in sheet]
    assert exercise.unanswered.asked == ()
    assert exercise.unanswered.answer is None


@pytest.mark.parametrize("kind", ["numbers", "backward", "derivative"])
def test_what_follows_rightly_from_a_wrong_result_has_full_marks(kind: str) -> None:
    said = " ".join(shown(made(kind, "network")).replace("│", " ").split())
    assert "∂J/∂W₁ = (δ₁ : m) (xᵀ : 1 × n)" in said
    assert "What follows rightly from a wrong δ₁ has full marks." in said


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in REFUSED for name in sorted(REFUSED[kind])])
def test_a_kind_that_does_not_fit_says_so(kind: str, name: str) -> None:
    with pytest.raises(InputError, match=r"^.{40,}$"):
        made(kind, name)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "prove"])
def test_the_same_seed_makes_the_same_question(kind: str) -> None:
    formula, shapes, by = CASES["network"]
    row = Asked(kind, formula, shapes, by=by, level=2)
    first, second = (shown(KINDS[kind](Case(formula, shapes, by, seed=5), row)) for _ in range(2))
    assert first == second


def test_a_row_has_its_own_words_and_hints() -> None:
    formula, shapes, by = CASES["layer"]
    row = Asked("derivative", formula, shapes, by=by, title="Mine", text="Derive it.", hints=("Look.", "Rule."))
    exercise = KINDS["derivative"](case("layer"), row)
    assert (exercise.title, exercise.hints) == ("Mine", (("Look.",), ("Rule.",)))
    assert exercise.question[0] == Paragraph(("Derive it.",))
