"""Steps as they are printed: each line is one named rule with the shape of its result, and no rule is passed over."""

import re
import shlex
from itertools import pairwise
from operator import ne

import pytest
from test_derive import HELP
from test_forward import EVERY

import jacobian as jac
from jacobian.algebra import LAWS
from jacobian.cli import parser
from jacobian.derivation.derivation import Derivation
from jacobian.derivation.reasons import REASONS
from jacobian.derivation.step import Step
from jacobian.derivation.views.view import stages
from jacobian.derivation.write import as_text, says
from jacobian.symbolic import elementwise
from jacobian.symbolic.differentiate import Label, Rewritten
from jacobian.symbolic.elementwise import Function
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.rewrites import REWRITES

A, X = jac.symbols("A: n n, X: n n")
x, y, c = jac.symbols("x: n, y: n, c:")
RULES = {words for words, _ in REASONS.values()} | {row.name for rows in REWRITES.values() for row in rows} | {
    "total derivative: add up the paths", "the derivative by itself"}
OTHERS = re.compile(r"it does not depend on \S+|\S+ is .+: only changes that keep it so count")
LINE = re.compile(r"(?P<number>\d+)\. (?P<left>.+?) = (?P<right>.+)    \((?P<shape>.+)\)")
FUNCTIONS = {f.name: f for f in vars(elementwise).values() if isinstance(f, Function)}


def of_example(arguments: str) -> Derivation:
    options = parser().parse_args(["derive", *shlex.split(arguments)])
    return jac.derive(options.formula, options.shapes, wrt=options.wrt)


def assert_each_rule_has_a_line(d: Derivation) -> None:
    for stage in stages(d):
        told = [line.step for line in stage.lines]
        assert all(step in told or passed(step, after) for step, after in pairwise([*stage.steps, None]))
        lines = says(stage.goal, stage.lines)
        printed = as_text({}, lines).splitlines()
        assert len(printed) == 2 * len(lines) > 0
        for k, (formula, reason) in enumerate(zip(printed[::2], printed[1::2], strict=True), 1):
            found = LINE.fullmatch(formula)
            assert found, formula
            assert int(found["number"]) == k
            assert "∂" in found["left"]
            assert_named(reason.strip())
        assert all(line.partition(". ")[2] != after.partition(". ")[2] for line, after in pairwise(printed[::2]))


def passed(step: Step, after: Step | None) -> bool:
    """Whether a step needs no line: nothing happens, or it gives a name, or the same rewrite follows."""
    again = after is not None and isinstance(after.record, Rewritten) and isinstance(step.record, Rewritten) and \
        (after.record.row, after.node) == (step.record.row, step.node)
    return step.trivial or isinstance(step.record, Label) or again


def assert_named(reason: str) -> None:
    """It is a rule of a table, with its formula where one is shown, and the law by which maps are then composed."""
    first, _, law = reason.rpartition("; ")
    rule = first if law in {row.name for row in LAWS} else reason
    assert rule in RULES or rule.partition(": ")[0] in RULES or OTHERS.fullmatch(rule), reason


@pytest.mark.parametrize(("f", "z"), EVERY)
def test_each_operation_is_a_rule_of_its_own(f: Expr, z: Expr) -> None:
    assert_each_rule_has_a_line(jac.derive(f, z))


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_each_elementwise_function_is_a_rule_of_its_own(f: Function) -> None:
    for d in (jac.derive(f(x), x), jac.derive(jac.inner(y, f(A @ x)), x), jac.derive(f(c), c)):
        assert_each_rule_has_a_line(d)


@pytest.mark.parametrize("example", HELP, ids=HELP)
def test_each_example_is_told_rule_by_rule(example: str) -> None:
    assert_each_rule_has_a_line(of_example(example))


def test_a_rewrite_that_is_used_several_times_is_one_line() -> None:
    d = jac.derive("tr(X^5)", wrt="X")
    reasons = [line.reason for line in d.lines]
    assert all(map(ne, *zip(*pairwise(reasons), strict=True)))
    assert reasons.count("powers of a matrix multiply") == 1
    assert sum(isinstance(step.record, Rewritten) for step in d.steps) > sum(
        isinstance(line.step.record, Rewritten) for line in d.lines)


def test_a_row_is_no_result_of_its_own() -> None:
    """By xᵀ and by x the derivative is one: the paths of a quadratic form end at x, the first in the formula first."""
    lines = jac.derive("x'*A*x", wrt="x").lines
    assert [str(line.value) for line in lines] == ["Aᵀ x", "A x", "A x + Aᵀ x", "(A + Aᵀ) x"]


def test_rewrites_of_different_names_keep_their_lines() -> None:
    reasons = [line.reason for line in jac.derive("x'*A*x/(x'*x)", wrt="x").lines]
    assert reasons[-3:] == ["total derivative: add up the paths", "the sum of squares", "a common factor"]
