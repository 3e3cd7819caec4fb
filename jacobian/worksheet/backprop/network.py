"""The network of a worksheet, as expressions with named intermediate results and symbolic sizes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from jacobian.errors import InputError
from jacobian.symbolic.elementwise import leaky_relu, power, relu, sigmoid, tanh
from jacobian.symbolic.expr import Expr, size
from jacobian.symbolic.leaves import name, number, ones
from jacobian.symbolic.operations import matmul, scale, transpose
from jacobian.symbolic.reductions import half_square, square
from jacobian.symbolic.rows import cross_entropy
from jacobian.symbolic.space import minus, plus, product
from jacobian.symbolic.symbols import symbol
from jacobian.worksheet.notation import QUANTITIES, USUAL, Notation

LARGEST = 8              # units of a layer: more cannot be worked by hand
DEEPEST = 6              # layers, the input included
N = size("N")            # samples of a batch


@dataclass(frozen=True)
class Choice:
    """An activation or a loss: what builds it, its name, what that means, and whether its values stay fractions.

    Its `sign` stands in formulas, as `jacobian.worksheet.conventions` knows it.
    In the meaning {z} stands for the letter of a pre-activation, and so on, {added} for what is said of a batch.
    """

    build: Callable[..., Expr]
    title: str
    meaning: str
    exact: bool
    sign: str = ""


def _units(h: Expr) -> Any:
    """How many outputs a sample has."""
    return next(n for n in h.axes if n not in (None, N))


SLOPE = Fraction(1, 2)
ACTIVATIONS = {
    "relu": Choice(relu, "ReLU", "ReLU({z}) = max({z}, 0), and ReLU′({z}) = 1 if {z} > 0, else 0", True,
                   "ReLU("),
    "leaky-relu": Choice(lambda z: leaky_relu(z, SLOPE), "leaky ReLU",
                         "LReLU({z}) = {z} if {z} > 0, else {z}/2, and LReLU′({z}) = 1 if {z} > 0, else 1/2", True,
                         "LReLU("),
    "sigmoid": Choice(sigmoid, "sigmoid", "σ({z}) = 1/(1 + exp(−{z})), and σ′ = σ (1 − σ)", False, "σ("),
    "tanh": Choice(tanh, "tanh", "tanh′ = 1 − tanh²", False, "tanh("),
}
LOSSES = {
    "half-squared": Choice(lambda h, t: half_square(minus(h, t)), "half the squared error", "", True),
    "mse": Choice(lambda h, t: scale(power(number(_units(h)), -1), square(minus(h, t))), "mean squared error", "",
                  True),
    "cross-entropy": Choice(cross_entropy, "softmax and cross-entropy",
                            "CE({h}, {t}) = −Σᵢ {t}ᵢ log softmax({h})ᵢ with "
                            "softmax({h})ᵢ = exp({h}ᵢ) / Σⱼ exp({h}ⱼ){added}", False, "CE("),
}


# z = W a + b of one sample, and of a batch whose samples are rows, or columns.
FEEDS: dict[str, Callable[[Expr, Expr, Expr], Expr]] = {
    "": lambda W, a, b: plus(product(W, a), b),
    "rows": lambda W, a, b: plus(product(a, transpose(W)), matmul(ones(N), transpose(b))),
    "columns": lambda W, a, b: plus(product(W, a), matmul(b, transpose(ones(N)))),
}
DECLARED = {"": "{name}: {units}", "rows": "{name}: N {units}", "columns": "{name}: {units} N"}
SAMPLES = tuple(filter(None, FEEDS))


@dataclass(frozen=True)
class Layer:
    """z = W a + b of layer k, and its activation (the output layer has none)."""

    W: Expr
    b: Expr
    before: Expr
    z: Expr
    a: Expr


@dataclass(frozen=True, eq=False)
class Network:
    """x → z₁ → a₁ → … → h → J, every one of them by name; `given` are the sizes.

    `called` says in which letters: {"z": "h", …} for each of QUANTITIES; `signals` are the names of the gradients by
    the pre-activations.
    """

    layers: tuple[Layer, ...]
    x: Expr
    t: Expr
    goal: Expr
    given: Mapping[str, int]
    called: Mapping[str, str]
    signals: Mapping[str, str]
    samples: str = ""

    def by_rows(self, array: Any) -> Any:
        """An array of samples with a row for each, for one sample too."""
        return array.T if self.samples == "columns" else array.reshape(-1, array.shape[-1])

    def lying(self, rows: Any) -> Any:
        """The other way round: the samples as they lie in this network."""
        return {"": lambda: rows[0], "rows": lambda: rows, "columns": lambda: rows.T}[self.samples]()

    @property
    def output(self) -> Expr:
        return self.layers[-1].z

    @property
    def parameters(self) -> tuple[Expr, ...]:
        return tuple(p for layer in self.layers for p in (layer.W, layer.b))

    @property
    def named(self) -> tuple[Expr, ...]:
        """The intermediate results in the order of the forward feed, the loss last."""
        hidden = [y for layer in self.layers[:-1] for y in (layer.z, layer.a)]
        return (*hidden, self.output, self.goal)


def choose(table: Mapping[str, Choice], key: str, what: str) -> Choice:
    """The row of a table, or an InputError that lists the rows."""
    if key not in table:
        raise InputError(f"{what} {key!r} is not known: choose one of {', '.join(table)}")
    return table[key]


def activations(text: str, hidden: int) -> tuple[Choice, ...]:
    """The activation of each hidden layer: "relu" for all of them, or "tanh,relu", as many as there are."""
    found = tuple(choose(ACTIVATIONS, key.strip(), "the activation") for key in str(text).split(","))
    if len(found) not in (1, hidden):
        raise InputError(f"give one activation for all hidden layers or one for each of the {hidden}, but {text!r} has "
                         f"{len(found)}")
    return found * hidden if len(found) == 1 else found


def sizes(text: str) -> tuple[int, ...]:
    """The layers of "2-3-4-1". Raises InputError for a network that cannot be, or that nobody would work by hand."""
    if not isinstance(text, str) or not re.fullmatch("[0-9]{1,9}(-[0-9]{1,9})+", text):
        raise InputError(f"a network is written as the sizes of its layers, such as 2-3-4-1, but {text!r} was given")
    found = tuple(map(int, text.split("-")))
    if 0 in found:
        raise InputError(f"layer {found.index(0)} of the network {text} has no units: every layer needs at least one")
    if max(found) > LARGEST or len(found) > DEEPEST:
        raise InputError(f"the network {text} is too large to be worked by hand: "
                         f"at most {DEEPEST} layers with at most {LARGEST} units each")
    return found


def network(text: str, activation: str = "relu", loss: str = "half-squared", notation: Notation = USUAL,
            batch: int = 0, samples: str = "rows") -> Network:
    """The network of these layers, for one sample or for a batch, whose loss is the mean of those of its samples.

    Raises InputError for unknown names and sizes that cannot be.
    """
    samples = _samples(batch, samples, loss)
    units = sizes(text)
    acts = activations(activation, len(units) - 2)
    measure = choose(LOSSES, loss, "the loss")
    if loss == "cross-entropy" and units[-1] == 1:
        raise InputError(f"cross-entropy needs at least two outputs, but the network {text} has one: "
                         "softmax of one number is always 1")
    notation.known(QUANTITIES)
    called = _letters(notation, bool(samples))
    onehot = " onehot" if loss == "cross-entropy" else ""
    x, t = (symbol(DECLARED[samples].format(name=called[word], units=f"n{k}") + more)
            for word, k, more in (("x", 0, ""), ("t", len(units) - 1, onehot)))
    layers: list[Layer] = []
    a, last = x, len(units) - 1
    for k in range(1, last + 1):
        W, b = symbol(f"{called['W']}{k}: n{k} n{k - 1}"), symbol(f"{called['b']}{k}: n{k}")
        z = name(called["h"] if k == last else f"{called['z']}{k}", FEEDS[samples](W, a, b))
        layers.append(Layer(W, b, a, z, z if k == last else name(f"{called['a']}{k}", acts[k - 1].build(z))))
        a = layers[-1].a
    error = measure.build(layers[-1].z, t)
    goal = name(called["J"], scale(power(number(N), -1), error) if samples else error)
    signals = {str(layer.z.label): notation.signal(called["J"], str(layer.z.label), str(k), bool(samples))
               for k, layer in enumerate(layers, 1)}
    given = {f"n{k}": n for k, n in enumerate(units)} | ({"N": batch} if samples else {})
    return Network(tuple(layers), x, t, goal, given, called, signals, samples)


def _samples(batch: int, samples: str, loss: str) -> str:
    """How the samples lie; nothing for one sample by itself. Raises InputError for a batch that cannot be."""
    if not isinstance(batch, int) or batch < 0 or batch == 1 or batch > LARGEST:
        raise InputError(f"a batch has from 2 to {LARGEST} samples, but {batch!r} was given")
    if samples not in SAMPLES:
        raise InputError(f"samples are {' or '.join(SAMPLES)} of a batch, but {samples!r} was given")
    if batch and samples == "columns" and loss == "cross-entropy":
        raise InputError("the cross-entropy of a batch takes its samples as rows: leave --samples columns away, or "
                         "take another loss")
    return samples if batch else ""


def _letters(notation: Notation, batch: bool) -> dict[str, str]:
    """What the quantities are called: those that have a sample in each row or column of a batch by capital letters."""
    found = notation.letters(QUANTITIES, ["n", "N"])
    if batch:
        found |= {word: found[word].upper() for word in "xzaht"}
        twice = next((letter for letter in found.values() if [*found.values()].count(letter) > 1), None)
        if twice:
            raise InputError(f"in a batch two quantities would be called {twice}: choose other names")
    return found
