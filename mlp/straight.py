"""A small network as straight-line code, written out of its derivation: one statement for each entry of each result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

import jacobian as jac
from mlp.given import Array, between, finite, numbers
from mlp.network import Network, Parameters

MOST = 1000         # weights of a network that is written out entry by entry


@dataclass(frozen=True)
class Loop:
    """θ ← θ − rate ∇J⁽ⁿ⁾(θ) for each n of an order, a sample at a time (Algorithm 1 of the notes), as `source` says it.

    Formulas are those of the derivation, so that an exponential of a large number overflows where a layer's own form
    does not: InputError then.
    """

    network: Network
    source: str
    function: Callable[..., Any]
    pack: Callable[[Array], Any]        # an array in the form that the function indexes fastest

    def descend(self, params: Parameters, x: Array, t: Array, order: Sequence[int], rate: float
                ) -> tuple[Array, Parameters]:
        """(losses, θ): J⁽ⁿ⁾ before each step, (len(order),), and the parameters after the last, in new arrays."""
        between("rate", rate, 0, np.inf)
        x, t = (finite(name, numbers(name, array)).astype(float) for name, array in (("x", x), ("t", t)))
        chosen = numbers("order", order)
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu" or np.any((chosen < 0) | (chosen >= len(x))):
            raise jac.InputError(f"order lists samples 0 … {len(x) - 1}, but {order!r} was given")
        start, width = self.network.sizes[0], self.network.sizes[-1]
        if x.shape[1:] != (start,) or t.shape != (len(x), width):
            raise jac.ShapeError(f"x of shape {x.shape} and t of shape {t.shape} were given, "
                                 f"but (N, {start}) and (N, {width}) are expected")
        named = self.network.named(self.network.parameters(self.network.named(params)))
        own = {name: self.pack(np.array(array, float)) for name, array in named.items()}
        losses = self.pack(np.zeros(len(chosen)))
        try:
            self.function(self.pack(x), self.pack(t), self.pack(chosen), float(rate), losses, *own.values())
        except OverflowError as error:
            raise jac.InputError(f"a number overflows: a rate of {rate:g} may be too large") from error
        return np.array(losses), self.network.parameters({name: np.array(array) for name, array in own.items()})


def straight(network: Network) -> Loop:
    """The loop in plain Python."""
    source = written(network)
    return Loop(network, source, _executed(source), lambda array: array.tolist())


def compiled(network: Network) -> Loop:
    """The loop compiled by numba. Raises MissingExtra where it is not installed."""
    numba = jac.extra("numba", "fast", "compiled loops")
    source = written(network)
    return Loop(network, source, numba.njit(_executed(source)), np.ascontiguousarray)


def _executed(source: str) -> Callable[..., Any]:
    space: dict[str, Any] = {}
    exec(compile(source, "<straight>", "exec"), space)
    return space["descend"]


# ---- writing -------------------------------------------------------------------------------------------------------


def written(network: Network) -> str:
    """The text of descend(x, t, order, rate, losses, W1, b1, …), which changes losses and parameters in place.

    Raises InputError for a network with too many weights, MissingRule for one that has no spec.
    """
    count = sum(int(np.prod(shape)) for place in network.places for shape in place.shapes.values())
    if count > MOST:
        raise jac.InputError(f"this network has {count} parameters, but at most {MOST} are written out one by one: "
                             "take a Plan")
    if network.constants:
        raise jac.MissingRule(f"the formulas hold where {', '.join(network.constants)} are known, and straight-line "
                              "code does not work them out: take a Plan")
    x, t = jac.symbols(", ".join(f"{name}: {network.symbols[name].shape[1]}".replace(" + ", "+") for name in "xt"))
    goal = network.spec(x, t)
    parameters = {name: s for name, s in network.symbols.items() if name not in ("x", "t")}
    derivation = jac.derive(goal, tuple(parameters.values()))
    shapes = {"x": network.sizes[:1], "t": network.places[-1].output[1:],
              **{full: place.shapes[name] for place in network.places for name, full in place.names.items()}}
    letters = {s: _letters(name, shapes[name]) for name, s in {"x": x, "t": t, **parameters}.items()}
    gradients = {name: derivation.value_by(s) for name, s in parameters.items()}
    bind, lines = jac.Binding(letters), []
    known: dict[jac.Expr, Array] = {}
    for node in _named([derivation.goal, *gradients.values()]):
        entries = bind.moved(known)(node.args[0])
        known[node] = _letters(str(node.label).replace("′", "_"), entries.shape)
        lines += _assigned(known[node], entries)
    lines.append(f"losses[k] = {known[derivation.goal][0, 0]}")
    steps = {name: _letters(f"d{name}", shapes[name]) for name in parameters}
    for name, value in gradients.items():
        lines += _assigned(steps[name], bind.moved(known).natural(value))
    lines += [f"{letter} -= rate * {step}" for name, s in parameters.items()
              for letter, step in zip(letters[s].flat, steps[name].flat, strict=True)]
    return "\n".join([
        "import math", "", "", f"def descend(x, t, order, rate, losses, {', '.join(parameters)}):",
        *_each(parameters, shapes, "    {letter} = {array}"),
        "    for k in range(len(order)):", "        n = order[k]",
        *(f"        {name}_{i} = {name}[n][{i}]" for name in ("x", "t") for i in range(shapes[name][0])),
        *(f"        {line}" for line in lines),
        *_each(parameters, shapes, "    {array} = {letter}"), ""])


def _each(names: Iterable[str], shapes: Any, line: str) -> list[str]:
    return [line.format(letter=letter, array=name + "".join(f"[{i}]" for i in index))
            for name in names for index, letter in np.ndenumerate(_letters(name, shapes[name]))]


def _letters(name: str, shape: Sequence[int]) -> Array:
    found = np.empty(tuple(shape), object)
    for index in np.ndindex(*found.shape):
        found[index] = sp.Symbol("_".join([name, *map(str, index)]), real=True)
    return found


def _assigned(letters: Array, entries: Array) -> list[str]:
    return [f"{letter} = {_PRINTER.doprint(sp.sympify(entry))}"
            for letter, entry in zip(letters.flat, np.ravel(entries), strict=True)]


def _named(roots: Sequence[jac.Expr]) -> list[jac.Expr]:
    """The named results, each after those that it is made of."""
    order: dict[jac.Expr, None] = {}

    def visit(node: jac.Expr) -> None:
        if node not in done:
            done.add(node)
            for arg in node.args:
                visit(arg)
            if node.args and node.label is not None:
                order[node] = None

    done: set[jac.Expr] = set()
    for root in roots:
        visit(root)
    return list(order)


_PRINTER = PythonCodePrinter({"fully_qualified_modules": True})
