"""The questions of a sheet on back-propagation, rising in level, cut from the derivation and its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np

from jacobian.derivation.lines import Line
from jacobian.printing.boxes import Blank, Box, Name, Number, Row, Symbol
from jacobian.printing.names import call, join
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.operations import transpose
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.document import Bullets, Display, Exercise, Mark, Table
from jacobian.worksheet.kinds.common import exercise, question, say
from jacobian.worksheet.kinds.difference import WORDS, comparison, measured
from jacobian.worksheet.kinds.layer import Layer, slope
from jacobian.worksheet.kinds.local import mark
from jacobian.worksheet.kinds.numbers import counted, result
from jacobian.worksheet.kinds.step import ALPHA, renewed, updates
from jacobian.worksheet.kinds.steps import known, left, worked
from jacobian.worksheet.matter import grid
from jacobian.worksheet.numbers import written
from jacobian.worksheet.wording import back, chain_rule, lying, outer_product, outer_side, reading

COMMA, DOT = map(Symbol, ",·")


MEET = {"": "entries", "rows": "columns", "columns": "rows"}       # of a, with which W is multiplied


def shapes(s: Subject) -> Exercise:
    """Shapes of all quantities, number of parameters."""
    net = s.network
    quantities = list(dict.fromkeys([net.x, *(q for k in net.layers for q in (k.W, k.b, k.z, k.a)), net.t, net.goal]))

    def table(cell: Callable[[Expr], str | Box]) -> Table:
        cells = [((boxes(q),), (cell(q),)) for q in quantities] + [((), ())] * (len(quantities) % 2)
        half = len(cells) // 2
        rows = tuple((*left, *right) for left, right in zip(cells[:half], cells[half:], strict=True))
        return Table((("quantity",), ("shape",)) * 2, rows)

    counts = " + ".join(f"({np.size(s.numbers(k.W))} + {np.size(s.numbers(k.b))})" for k in net.layers)
    sizes = {q: " ".join(str(s.size(n)) for n in q.shape) for q in quantities}
    items = [Item(str(q), _shape(str(q.label), sizes[q], str(q)), 2 / len(quantities)) for q in quantities]
    count = Item("parameters", Question(s.parameters, asks="numbers", text="How many parameters are there?"), 1)
    return exercise("Shapes", 1, (
        say("State the shape of every quantity. How many parameters does the network have?"),
        table(lambda q: Blank(5)),
    ), (
        Mark(2, (table(s.shape),), (
            s.letter("W"), " has a row for each unit of its layer and a column for each of that before.")),
        Mark(1, (say(f"Number of parameters: {counts} = {s.parameters}."),), (
            "the entries of each ", s.letter("W"), " and each ", s.letter("b"), ".")),
    ), (
        ("How many units does each layer have?",),
        ("The columns of ", s.letter("W"), f" meet the {MEET[s.network.samples]} of ", s.letter("a"), ".")),
        [*items, count])


@lru_cache(maxsize=1024)
def _shape(name: str, sizes: str, said: str) -> Question:
    return Question(name, f"{name}: {sizes}", asks="shape", text=f"What shape has {said}?")


def forward(s: Subject) -> Exercise:
    """Every intermediate result in numbers."""
    return exercise("Forward feed", 1, (
        say("Compute ", join([boxes(y) for y in s.named], COMMA), "."),
    ), [result(s, y) for y in s.named], (
        ("Begin with the input, and go through the layers in their order.",),
        ("An entry of a product is the sum of the products of a row of the left factor with a column of the right one.",
         )),
        [item for y in s.named for item in counted(s, str(y), y, ())])


def layers(s: Subject) -> Exercise:
    """The Jacobian of each layer by its input, its matrix and its bias."""
    found = [Layer(k.z, x, s.notation) for k in s.network.layers for x in (k.before, k.W, k.b)]
    inputs = {k.before for k in s.network.layers}
    return exercise("The Jacobian of each layer", 2, (
        say("For each layer write the Jacobian of its pre-activation"),
        Bullets((("by its input, read as a column, as a formula;" if s.batch else "by its input, in numbers;",),
                 ("by ", call(Name("vec"), s.letter("W")), ", the entries of ", s.letter("W"),
                  f" {reading(s.notation)}, as a formula, with its numbers of rows and columns;"),
                 ("by ", s.letter("b"), ", as a formula."))),
    ), [mark(s, layer, numbers=layer.x in inputs and not s.batch) for layer in found], (
        ("What changes if one entry of the input changes, of the matrix, of the bias?",),
        (f"{lying(s.notation)} {KRONECKER[s.notation.stacked]}",)),
        _formulas(s, [(text(layer.left), layer.value, ()) for layer in found]))


KRONECKER = {
    False: "A product A X B changes by A dX B: the map from vec(X) is the Kronecker product of A and B transposed.",
    True: "A product A X B changes by A dX B: the map from vec(X) is the Kronecker product of B transposed and A.",
}


def diagonals(s: Subject) -> Exercise | None:
    """The Jacobian of an elementwise activation is diagonal."""
    hidden = [Layer(k.a, k.z, s.notation) for k in s.network.layers[:-1]]
    if not hidden:
        return None
    why = say("Each entry of ", s.letter("a"), " depends on the entry of ", s.letter("z"), " in the same place only, "
              "so every derivative off the diagonal is 0.")
    return exercise("The Jacobian of the activation", 2, (
        say("The activation works entry by entry. Write its Jacobian at each hidden layer. Why is it diagonal?"),
    ), [*(mark(s, layer, numbers=not s.batch) for layer in hidden),
        Mark(len(hidden), (why,), ("a function of each entry.",))], (
        ("Which entries of the result change if one entry of the pre-activation changes?",),
        ("The derivatives of the single entries stand on the diagonal.",)),
        _formulas(s, [(text(layer.left), layer.value, ()) for layer in hidden]))


def chain(s: Subject) -> Exercise | None:
    """The gradient by the first pre-activation as a product of Jacobians, of one sample."""
    if len(s.network.layers) == 1 or s.batch:
        return None
    path = [s.network.goal, s.network.output]
    for k in reversed(s.network.layers[:-1]):
        path += [k.a, k.z]
    steps = [Layer(y, x, s.notation) for y, x in pairwise(path)]
    factors = [s.matrix(step.value) for step in steps]
    wholes = list(accumulate(factors, lambda outer, inner: np.matmul(*s.notation.ordered((outer, inner)))))
    first = slope(s.goal, path[-1], s.notation)
    follows = (" What follows rightly from a wrong factor has full marks.",)
    product = Row(s.notation.ordered(step.left for step in steps))
    marks = [Mark(1, (Display(equation(first, product)),), ("the chain rule.",)),
             Mark(1, (Display(equation(steps[0].left, grid(factors[0]))),), (steps[0].reason,)),
             *(Mark(1, (Display(equation(slope(s.goal, step.x, s.notation),
                                         join([*map(grid, s.notation.ordered((before, factor)))], DOT), grid(whole))),),
                    (step.reason, *follows))
               for before, factor, whole, step in zip(wholes, factors[1:], wholes[1:], steps[1:], strict=False))]
    b = s.network.layers[0].b                                               # z changes as b does
    whole = s.notation.matrix(transpose(s.derivation.value_by(b)), s.goal, b)
    return exercise("The chain of Jacobians", 3, (
        say("Write ", first, " as a product of Jacobians, the last layer on the ", outer_side(s.notation),
            ", and begin to multiply there."),
    ), marks, (
        ("Which functions lie between the first pre-activation and the loss, and in which order?",),
        (f"Chain rule. {chain_rule(s.notation)}",)),
        counted(s, text(first), whole, ()))


def signals(s: Subject) -> Exercise:
    """δ of each layer."""
    hidden = [k.a for k in s.network.layers[:-1]]
    compare = ("Compare the last one with the end of the chain.",) if hidden and not s.batch else ()
    lines = [line for line in s.lines if line.name is not None or line.quantity in hidden]
    return exercise("The error signal of each layer", 4, (
        say("Give ", s.signal, ", the gradient of ", boxes(s.goal), " by the pre-activation, for each layer, "
            "last layer first: a formula in terms of that of the next layer, and numbers. ", *compare),
    ), [replace(worked(s, line), points=2) for line in lines], (
        ("Begin at the loss: how does it change with the last layer?",),
        ("Chain rule: go back through the matrix of the next layer, "
         f"{back(s.notation, s.network.samples)}, and through the derivative of the activation, entry by entry.",)),
        _both(s, lines))


def gradients(s: Subject) -> Exercise:
    """∂J/∂W and ∂J/∂b of each layer."""
    lines = [line for line in s.lines if line.quantity in s.wrt]
    return exercise("The gradients", 4, (
        say("Give the gradient by each matrix and each bias, as a formula and in numbers."),
    ), [worked(s, line) for line in lines], (
        ("How does the pre-activation change with one entry of the matrix, and how the loss with the pre-activation?",),
        (ADDED if s.batch else f"The gradient by a matrix is an outer product: {outer_product(s.notation)}.",)),
        _both(s, lines))


ADDED = ("The gradient by a matrix is the sum of the outer products of all samples, and so a product of two matrices; "
         "that by a bias is the sum of the signals of all samples.")


def step(s: Subject) -> Exercise:
    """One step of SGD."""
    return exercise("One step of SGD", 4, (
        say("Take one step of stochastic gradient descent with the learning rate ",
            equation(ALPHA, Number(written(s.rate))), "."),
    ), list(updates(s, s.rate)), (
        ("In which direction does the loss fall?",),
        ("The learning rate times the gradient is taken away from each parameter.",)),
        [item for x in s.wrt for item in renewed(s, x, s.rate)])


def total(s: Subject) -> Exercise:
    """The total differential beside the true change of the loss."""
    b = s.network.layers[0].b
    change = s.change_of(b)
    told, marks = comparison(s, b, change)
    return exercise("Check it with the total differential", 5, (say(*WORDS), *told), marks, (
        ("Which partial derivative belongs to which change?",),
        ("Each partial derivative times the change of its own parameter, all of them added up.",)),
        measured(s, b, change))


def _both(s: Subject, lines: Iterable[Line]) -> list[Item]:
    """Each line as a formula and in numbers."""
    said = [(text(left(s, line)), line.value, known(s, line)) for line in lines]
    return [*_formulas(s, said), *(item for name, value, earlier in said
                                   for item in counted(s, f"{name} in numbers", value, earlier))]


def _formulas(s: Subject, said: Iterable[tuple[str, Expr, Iterable[Expr]]]) -> list[Item]:
    """Items for formulas by their names, in terms of what stands earlier."""
    return [Item(name, asks, 1) for name, value, earlier in said
            if (asks := question(s, value, earlier, text=f"Give {name}."))]


BACKPROP = (shapes, forward, layers, diagonals, chain, signals, gradients, step, total)
