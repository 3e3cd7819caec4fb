"""The questions of a sheet on back-propagation, each with its answer, cut from the derivation and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise

import numpy as np

from jacobian.derivation.lines import Line
from jacobian.printing.boxes import Blank, Box, Fence, Name, Number, Row, Super, Symbol, Words
from jacobian.printing.names import call, join, label
from jacobian.printing.notation import boxes, derivative, equation
from jacobian.symbolic.arrays import vec
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.document import Block, Bullets, Display, Exercise, Table
from jacobian.worksheet.kinds.common import exercise, say
from jacobian.worksheet.kinds.difference import WORDS, comparison
from jacobian.worksheet.kinds.step import ALPHA, updates
from jacobian.worksheet.matter import grid, local
from jacobian.worksheet.numbers import written

COMMA, MINUS, ABOUT, TRANSPOSED, DOT = map(Symbol, ",−≈⊤·")
DELTA = Name("Δ")


def shapes(s: Subject) -> Exercise:
    """Shapes of all quantities, number of parameters."""
    net = s.network
    quantities = dict.fromkeys([net.x, *(q for k in net.layers for q in (k.W, k.b, k.z, k.a)), net.t, net.goal])

    def table(cell: Callable[[Expr], str | Box]) -> Table:
        cells = [((boxes(q),), (cell(q),)) for q in quantities] + [((), ())] * (len(quantities) % 2)
        half = len(cells) // 2
        rows = tuple((*left, *right) for left, right in zip(cells[:half], cells[half:], strict=True))
        return Table((("quantity",), ("shape",)) * 2, rows)

    counts = " + ".join(f"({np.size(s.numbers(k.W))} + {np.size(s.numbers(k.b))})" for k in net.layers)
    return exercise("Shapes", 3, (
        say("State the shape of every quantity. How many parameters does the network have?"),
        table(lambda q: Blank(5)),
    ), (table(s.shape), say(f"Number of parameters: {counts} = {s.parameters}.")))


def forward(s: Subject) -> Exercise:
    """Every intermediate result in numbers."""
    named = s.network.named
    return exercise("Forward feed", len(named), (
        say("Compute ", join([boxes(y) for y in named], COMMA), "."),
    ), tuple(s.shown(boxes(y), y.args[0]) for y in named))


def layers(s: Subject) -> Exercise:
    """The Jacobian of each layer by its input, its matrix and its bias."""
    answers: list[Block] = []
    for k in s.network.layers:
        by_matrix = local(k.z, k.W)
        rows, columns = map(s.size, by_matrix.jacobian.shape)
        answers += [
            s.jacobian(k.z, k.before),
            Display(Row((equation(derivative(boxes(k.z), vec(k.W)), boxes(by_matrix.value)),
                         Words("of shape"), Number(str(rows)), Symbol("×"), Number(str(columns))))),
            Display(equation(derivative(boxes(k.z), k.b), boxes(local(k.z, k.b).value))),
        ]
    return exercise("The Jacobian of each layer", 3 * len(s.network.layers), (
        say("For each layer write the Jacobian of its pre-activation"),
        Bullets((("by its input, in numbers;",),
                 ("by ", call(Name("vec"), Name("W")), ", the entries of ", Name("W"), " row after row, as a formula, "
                  "with its numbers of rows and columns;"),
                 ("by ", Name("b"), ", as a formula."))),
    ), answers)


def diagonals(s: Subject) -> Exercise | None:
    """The Jacobian of an elementwise activation is diagonal."""
    hidden = s.network.layers[:-1]
    if not hidden:
        return None
    return exercise("The Jacobian of the activation", 2 * len(hidden), (
        say("The activation works entry by entry. Write its Jacobian at each hidden layer. Why is it diagonal?"),
    ), (
        *(s.jacobian(k.a, k.z) for k in hidden),
        say("Each entry of ", Name("a"), " depends on the entry of ", Name("z"), " in the same place only, "
            "so every derivative off the diagonal is 0."),
    ))


def chain(s: Subject) -> Exercise | None:
    """The gradient by the first pre-activation as a product of Jacobians."""
    if len(s.network.layers) == 1:
        return None
    path = [s.network.goal, s.network.output]
    for k in reversed(s.network.layers[:-1]):
        path += [k.a, k.z]
    pairs = list(pairwise(path))
    first = path[-1]
    factors = []
    for y, x in pairs:
        value = s.numbers(local(y, x).value)
        factors.append(value.reshape(1, -1) if y is s.network.goal else value)
    wholes = list(accumulate(factors, np.matmul))
    return exercise("The chain of Jacobians", len(pairs) + 1, (
        say("Write ", _row(s, first), " as a product of Jacobians, the last layer first, and multiply from the left."),
    ), (
        Display(equation(_row(s, first), Row((_row(s, s.network.output),
                                              *(derivative(boxes(y), x) for y, x in pairs[1:]))))),
        Display(equation(_row(s, s.network.output), grid(factors[0]))),
        *(Display(equation(_row(s, x), Row((grid(left), DOT, grid(factor))), grid(whole)))
          for left, factor, whole, (_, x) in zip(wholes, factors[1:], wholes[1:], pairs[1:], strict=False)),
    ))


def _row(s: Subject, x: Expr) -> Box:
    """The Jacobian of the loss, a row: the gradient transposed."""
    return Super(Fence("(", derivative(boxes(s.network.goal), x), ")"), TRANSPOSED)


def _named(line: Line, goal: Expr) -> Box:
    """δ₂ = ∂J/∂z₂, or ∂J/∂W₂."""
    left = derivative(boxes(goal), line.quantity)
    return equation(label(line.name), left) if line.name else left


def _lines(s: Subject, wanted: Callable[[Line], bool]) -> tuple[Block, ...]:
    lines = [line for line in s.derivation.lines if wanted(line)]
    return tuple(s.shown(_named(line, s.network.goal), line.value) for line in lines)


def signals(s: Subject) -> Exercise:
    """δ of each layer."""
    hidden = [k.a for k in s.network.layers[:-1]]
    compare = ("Compare the last one with the end of the chain.",) if hidden else ()
    answers = _lines(s, lambda line: line.name is not None or line.quantity in hidden)
    return exercise("The error signal of each layer", 2 * len(answers), (
        say("Give ", Name("δ"), ", the gradient of ", boxes(s.network.goal), " by the pre-activation, for each layer, "
            "last layer first: a formula in terms of the ", Name("δ"), " of the next layer, and numbers. ", *compare),
    ), answers)


def gradients(s: Subject) -> Exercise:
    """∂J/∂W and ∂J/∂b of each layer."""
    answers = _lines(s, lambda line: line.quantity in s.network.parameters)
    return exercise("The gradients", len(answers), (
        say("Give the gradient by each matrix and each bias, as a formula and in numbers."),
    ), answers)


def step(s: Subject) -> Exercise:
    """One step of SGD."""
    answers = list(updates(s, s.rate))
    return exercise("One step of SGD", len(answers), (
        say("Take one step of stochastic gradient descent with the learning rate ",
            equation(ALPHA, Number(written(s.rate))), "."),
    ), answers)


def total(s: Subject) -> Exercise:
    """The total differential beside the true change of the loss."""
    b = s.network.layers[0].b
    told, answers = comparison(s, b, s.change_of(b))
    return exercise("Check it with the total differential", 3, (say(*WORDS), *told), answers)


BACKPROP = (shapes, forward, layers, diagonals, chain, signals, gradients, step, total)
