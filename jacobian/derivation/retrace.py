"""Whether a derivation by differentials holds: its changes by rule and in numbers, what follows like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from jacobian.derivation.check import SMALLEST, Check, Slope, agree, asked, close, draw, operated, stepped, verify
from jacobian.derivation.forward import Forward, Part
from jacobian.derivation.measure import slope
from jacobian.symbolic.differentiate import spoken_by_name
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.forward import pushed
from jacobian.symbolic.leaves import NAMED, zeros


@standing_in()
def retrace(f: Forward, seed: int = 0) -> Check:
    """Every test of the steps from df to the derivatives, and of the changes that lead to df."""
    failures, limits = [*_follows(f)], []
    for k, smallest in enumerate(SMALLEST):
        rng = np.random.default_rng([seed, k])
        bind = _drawn(f, rng, smallest)
        locals_ = list(_locals(f, bind))
        failures += [*_moves(f, bind), *_written(f, bind), *stepped(locals_, rng)]
        for local in locals_ if k == 0 else ():
            wrong, large = asked([local], rng)
            failures += wrong
            limits += large
    return _backward(f, verify, seed) + Check(tuple(dict.fromkeys(failures)), (), tuple(dict.fromkeys(limits)))


@standing_in()
def accords(f: Forward, seed: int = 0) -> Check:
    """What precedes each printing: without SymPy, at one draw, without the local Jacobians one by one."""
    bind = _drawn(f, np.random.default_rng(seed), SMALLEST[-1])
    failures = dict.fromkeys([*_follows(f), *_moves(f, bind), *_written(f, bind)])
    return _backward(f, agree, seed) + Check(tuple(failures), ())


def _backward(f: Forward, tests: Callable[..., Check], seed: int) -> Check:
    """The tests of the steps from df to the derivatives."""
    return tests(f.differential, f.steps, {dx: f.jacobians[dx] for dx in f.moved.values()}, f.convention, seed)


def _drawn(f: Forward, rng: np.random.Generator, smallest: int) -> Binding:
    parts = [f.goal, f.differential, *(record.result for record in f.pushes)]
    return draw(rng, smallest, f.differential, parts, f.goal, *f.symbols, *f.symbols.values())


def _follows(f: Forward) -> Iterator[str]:
    """Each change begins with those that were established, and is what its rule gives."""
    spoken, known = spoken_by_name(f.goal, f.symbols), dict(f.symbols)
    for record in f.pushes:
        node = record.node
        if any(known.get(node.args[k]) not in (d, *(d.args if d.operation is NAMED else ())) for k, d in record.given):
            yield f"the change of {node} does not begin with what was established"
        if pushed(node, record.given, spoken) is not record.result:
            yield f"the change of {node} does not follow by the rule of {node.operation.name}"
        known[node] = record.result
    if known.get(f.goal, zeros(*f.goal.axes)) is not f.differential:
        yield f"the change of {f.goal} is not the last one"


def _moves(f: Forward, bind: Binding) -> Iterator[str]:
    """Each change is what the complex step finds."""
    change = slope({x: bind(dx) for x, dx in f.symbols.items()}, bind)
    for record in f.pushes:
        if not close(bind(record.result), change(record.node)):
            yield f"the change of {record.node} is not what the complex step finds"


def _written(f: Forward, bind: Binding) -> Iterator[str]:
    """What is written of df in each line is the map of its step."""
    for line in f.lines:
        if isinstance(line, Part) and line.jacobian is not None:
            found = line.jacobian.map(bind, bind.size) @ bind(line.at).reshape(-1)
            if not close(bind(line.value).reshape(-1), found):
                yield f"the line {line.reason!r}: the formula to be printed is not the Jacobian"


def _locals(f: Forward, bind: Binding) -> Iterator[Slope]:
    """The local Jacobians by which the changes are pushed, beside their operations."""
    for record in f.pushes:
        for k, _ in record.given:
            yield operated(record.node, k, record.node.operation.jacobian(record.node, k), bind,
                           partial("the change of {}".format, record.node))
