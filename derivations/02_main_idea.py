"""2 Main idea: what a network is without its activations."""

# # 2 Main idea
#
# Feed forward, compute the loss, propagate back, take a step: the whole of it in one sentence of the notes. Two
# statements of this section can be checked. The first is why a network needs activations.

from collections.abc import Callable
from typing import Any

import numpy as np

import jacobian as jac
from derivations.claim import Claim, Reading
from derivations.correction import derived
from derivations.network import network
from derivations.point import Array, Point

# ## Without activations
#
# We leave the activations out of a network of three layers and differentiate its output h by its input x.

plain = network("n0", "n1", "n2", 1, activation=lambda z: z)
slope = jac.derive(plain.h, plain.x)
print(slope.text(), "\n")

# The Jacobian is a product of the weights in which x does not occur. A map with a constant Jacobian A is x ↦ A x + c,
# with c its value at 0. So three layers do what one layer does, and that is the claim of the notes. We compare h with
# A x + c at random points.


def at_zero(at: Point) -> Array:
    """h at x = 0."""
    return at.changed({plain.x: 0 * at(plain.x)})(plain.h)


affine = Claim(
    "2.1", "without activations the network is just a x + b", r"h = ax + b",
    (Reading(lambda at: at(slope.value @ plain.x) + at_zero(at), plain.h),), derived(slope))
print(affine)

# ## Linear or affine
#
# The notes call this a "pure linear model". In statistics that is the usual word for a x + b. In linear algebra a
# linear map f has f(u + v) = f(u) + f(v), and b stands in the way. So the word is right in one sense and wrong in the
# other.

u, v = jac.symbols("u: n0 1, v: n0 1")


def added(at: Point) -> Array:
    """h(u) + h(v)."""
    return at.changed({plain.x: at(u)})(plain.h) + at.changed({plain.x: at(v)})(plain.h)


def of_sum(at: Point) -> Array:
    """h(u + v)."""
    return at.changed({plain.x: at(u + v)})(plain.h)


linear = Claim(
    "2.2", "… which is a pure linear model", r"h \text{ is linear}",
    (Reading(lambda at: at(slope.value @ plain.x) + at_zero(at), plain.h, "linear means a x + b"),
     Reading(added, of_sum, "linear means h(u + v) = h(u) + h(v)", (u, v))), derived(slope))
print(linear)

# ## The activations
#
# The second statement names activations that avoid this: sigmoid, ReLU, leaky ReLU, tanh. An affine g has g(2w) +
# g(−w) = g(w) + g(0) for every w. For each of the four the two sides differ, whatever positive w is drawn.

activations: tuple[Callable[[Any], jac.Expr], ...] = (jac.sigmoid, jac.relu, jac.leaky_relu, jac.tanh)
w = jac.symbol("w:")


def bent(at: Point) -> Array:
    """For each activation, whether g(2w) + g(−w) ≠ g(w) + g(0) at w > 0."""
    there = at.changed({w: abs(at(w))})
    return np.array([abs(there(g(2 * w) + g(-w) - g(w) - g(0 * w))) > 1e-6 for g in activations])


nonlinear = Claim(
    "2.3", "sigmoid, (leaky) ReLU and tanh avoid that", r"g \text{ is not affine}",
    (Reading(lambda at: np.array([True] * len(activations)), bent),),
    derived(jac.derive(jac.name("a", jac.tanh(jac.symbol("z: n"))), jac.symbol("z: n"))),
    remark="The derivative of an activation depends on z, here that of tanh; an affine map has a constant one.")
print(nonlinear)
