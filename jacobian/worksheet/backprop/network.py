"""The network of a worksheet, as expressions with named intermediate results and symbolic sizes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from jacobian.errors import InputError
from jacobian.symbolic.elementwise import leaky_relu, power, relu, sigmoid, tanh
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import name, number
from jacobian.symbolic.operations import scale
from jacobian.symbolic.reductions import half_square, square
from jacobian.symbolic.rows import cross_entropy
from jacobian.symbolic.space import minus, plus, product
from jacobian.symbolic.symbols import symbol
from jacobian.worksheet.notation import QUANTITIES, USUAL, Notation

LARGEST = 8              # units of a layer: more cannot be worked by hand
DEEPEST = 6              # layers, the input included


@dataclass(frozen=True)
class Choice:
    """An activation or a loss: what builds it, its name, what that means, and whether its values stay fractions.

    In the meaning {z} stands for the letter of a pre-activation, and so on.
    """

    build: Callable[..., Expr]
    title: str
    meaning: str
    exact: bool


SLOPE = Fraction(1, 2)
ACTIVATIONS = {
    "relu": Choice(relu, "ReLU", "ReLU({z}) = max({z}, 0), and ReLU′({z}) = 1 if {z} > 0, else 0", True),
    "leaky-relu": Choice(lambda z: leaky_relu(z, SLOPE), "leaky ReLU",
                         "LReLU({z}) = {z} if {z} > 0, else {z}/2, and LReLU′({z}) = 1 if {z} > 0, else 1/2", True),
    "sigmoid": Choice(sigmoid, "sigmoid", "σ({z}) = 1/(1 + exp(−{z})), and σ′ = σ (1 − σ)", False),
    "tanh": Choice(tanh, "tanh", "tanh′ = 1 − tanh²", False),
}
LOSSES = {
    "half-squared": Choice(lambda h, t: half_square(minus(h, t)), "half the squared error", "", True),
    "mse": Choice(lambda h, t: scale(power(number(h.size), -1), square(minus(h, t))), "mean squared error", "", True),
    "cross-entropy": Choice(cross_entropy, "softmax and cross-entropy",
                            "CE({h}, {t}) = −Σᵢ {t}ᵢ log softmax({h})ᵢ with "
                            "softmax({h})ᵢ = exp({h}ᵢ) / Σⱼ exp({h}ⱼ)", False),
}


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


def network(text: str, activation: str = "relu", loss: str = "half-squared", notation: Notation = USUAL) -> Network:
    """The network of these layers. Raises InputError for unknown names and sizes that cannot be."""
    units, act = sizes(text), choose(ACTIVATIONS, activation, "the activation")
    measure = choose(LOSSES, loss, "the loss")
    if loss == "cross-entropy" and units[-1] == 1:
        raise InputError(f"cross-entropy needs at least two outputs, but the network {text} has one: "
                         "softmax of one number is always 1")
    notation.known(QUANTITIES)
    called = notation.letters(QUANTITIES, ["n"])
    onehot = " onehot" if loss == "cross-entropy" else ""
    x, t = symbol(f"{called['x']}: n0"), symbol(f"{called['t']}: n{len(units) - 1}{onehot}")
    layers: list[Layer] = []
    a, last = x, len(units) - 1
    for k in range(1, last + 1):
        W, b = symbol(f"{called['W']}{k}: n{k} n{k - 1}"), symbol(f"{called['b']}{k}: n{k}")
        z = name(called["h"] if k == last else f"{called['z']}{k}", plus(product(W, a), b))
        layers.append(Layer(W, b, a, z, z if k == last else name(f"{called['a']}{k}", act.build(z))))
        a = layers[-1].a
    goal = name(called["J"], measure.build(layers[-1].z, t))
    signals = {str(layer.z.label): notation.signal(called["J"], str(layer.z.label), str(k))
               for k, layer in enumerate(layers, 1)}
    return Network(tuple(layers), x, t, goal, {f"n{k}": n for k, n in enumerate(units)}, called, signals)
