"""Every view of every derivative of the corpus is right: each line of it, in each layout and stacking.

Expected are the numbers of the textbook's second reader; of what stands between, the complex step of the goal. The
views index, kronecker and explicit are looked at in test_views.py too, more quickly.
"""

from itertools import product
from typing import Any

import numpy as np
import pytest
from test_corpus import binding, derivation
from test_views import by_columns, expected, last
from textbook import CASES, Case, close, directions, tolerance

import jacobian as jac
from jacobian.derivation.forward import Part
from jacobian.derivation.lines import Line
from jacobian.derivation.measure import Path, complex_step
from jacobian.derivation.views.view import stages
from jacobian.derivation.write import says
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.expr import Expr, leaves

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("case", CASES, ids=str)]
LAYOUTS = (None, "numerator", "denominator")


def lying(J: Any, goal: Expr, x: Expr, bind: jac.Binding, layout: str | None) -> Any:
    """J as it lies in a layout: a gradient as its variable or transposed, a matrix by a scalar as the matrix."""
    if goal.shape == ():
        whole, turned = J.reshape(bind(x).shape), layout == "numerator"
    else:
        whole, turned = J.reshape(bind(goal).shape) if x.shape == () else J, layout == "denominator"
    return whole.T if turned else whole


def moving(case: Case, d: jac.Derivation, dx: Expr, values: Any, J: Any) -> tuple[jac.Binding, Any]:
    """A change of the variable that keeps what is assumed of it, and how the goal changes by J."""
    bind = binding(case, values)
    change = np.random.default_rng(1).normal(size=[bind.size(n) for n in dx.shape])
    for word in dx.assumptions:
        change = ASSUMPTIONS[word].draw(np.random.default_rng(2), change)
    steps = directions(case, str(d.wrt[0]), values[str(d.wrt[0])].shape) if case.convention == "free" else []
    twice = [step.sum() or 1 for step in steps] or 1         # each free entry off the diagonal stands for two
    known = {z: bind.natural(z) for z in leaves(d.goal, *d.wrt)} | {dx: change}
    return jac.Binding(known, bind.sizes), J / twice @ change.reshape(-1)


def test_the_last_step_is_the_derivative_in_each_layout(case: Case) -> None:
    d = derivation(case)
    for (values, J), layout in product(expected(case), LAYOUTS):
        bind = binding(case, values)
        *_, said = says(d.goal, d.lines, layout)
        close(np.asarray(bind(said.value)), lying(J, d.goal, d.wrt[0], bind, layout), tolerance(case))


def test_each_step_before_is_the_complex_step_by_its_quantity(case: Case) -> None:
    for stage in stages(derivation(case)):
        bind = binding(case, expected(case)[0][0])
        between = [line for line in stage.lines if line.quantity not in stage.wrt]
        slopes = {z: complex_step(Path(stage.goal, z, bind), bind(z)) for z in {line.quantity for line in between}}
        paths: dict[Expr, Any] = {}
        for line in between:
            if line.path is None:
                whole = np.asarray(bind(line.value))
            else:
                whole = paths[line.quantity] = paths.get(line.quantity, 0) + np.asarray(bind(line.value))
            if line.path in (None, len(paths_to(line.quantity, between))):
                close(whole, lying(slopes[line.quantity], stage.goal, line.quantity, bind, None), tolerance(case))


def paths_to(quantity: Expr, lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.quantity is quantity and line.path]


def test_each_line_by_differentials_is_the_change_of_the_function(case: Case) -> None:
    d = derivation(case)
    *_, stage = d.view("forward").stages
    [(x, dx)] = stage.symbols.items()
    for values, J in expected(case):
        bind, change = moving(case, d, dx, values, J)
        whole = [line for line in stage.lines if isinstance(line, Part) and not line.more and line.jacobian is not None]
        for line in whole:
            close(np.asarray(bind(line.value)).reshape(-1), change, tolerance(case))
        close(np.asarray(bind(stage.lines[-1].value)), lying(J, d.goal, x, bind, None), tolerance(case))


def test_the_differential_is_the_change_of_the_function(case: Case) -> None:
    d = derivation(case)
    view = d.view("differential")
    for values, J in expected(case):
        bind, change = moving(case, d, *view.symbols, values, J)
        close(last(view, bind).reshape(-1), change, tolerance(case))


def test_matrix_notation_is_the_derivative_in_each_layout(case: Case) -> None:
    d = derivation(case)
    for layout in LAYOUTS:
        view = d.view("matrix", layout=layout)
        for values, J in expected(case):
            bind = binding(case, values)
            close(last(view, bind), lying(J, d.goal, d.wrt[0], bind, layout), tolerance(case))


def test_kronecker_products_are_the_derivative_in_each_layout_and_stacking(case: Case) -> None:
    d = derivation(case)
    for stacking, layout in product(("rows", "columns"), LAYOUTS):
        view = d.view("kronecker", stacking=stacking, layout=layout)
        for values, J in expected(case):
            bind = binding(case, values)
            lies = J if stacking == "rows" else by_columns(J, d.goal, d.wrt[0], bind)
            close(last(view, bind), lies.T if layout == "denominator" else lies, tolerance(case))


def test_the_printed_source_computes_the_derivative(case: Case) -> None:
    d = derivation(case)
    space: dict[str, Any] = {}
    exec(d.source(), space)
    code = space["derivative"].__code__
    for values, J in expected(case):
        bind = binding(case, values)
        known = {str(z): bind.natural(z) for z in leaves(d.goal, *d.wrt)} | dict(bind.sizes)
        found = space["derivative"](**{word: known[word] for word in code.co_varnames[:code.co_kwonlyargcount]})
        close(np.asarray(found).reshape(J.shape), J, tolerance(case))
