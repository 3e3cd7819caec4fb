"""7 Vectorised back-propagation: the gradient by a matrix in the middle of the network."""

# # 7 Vectorised back-propagation
#
# The goal: the derivative of the loss by every W and b, and a step against it. The notes write L for the loss J,
# a^{[3]} for the output h, y for the target t and g for the activation of layer 2, which is ReLU.

from functools import partial

import numpy as np

import jacobian as jac
from derivations.claim import Claim, Reading
from derivations.correction import derived
from derivations.network import g, network
from derivations.point import Array, Point

net = network("n0", "n1", "n2", 1, activation=g)             # one output, as in the notes
wide = network("n0", "n1", "n2", "K", activation=g)          # K outputs
signals = {"h": "δ3"}
d = jac.derive(net.J, net.W[2], names=signals)
e = jac.derive(wide.J, wide.W[2], names=signals)
print(e.text(), "\n")

# ## Equation (33), algorithm 1
#
# Stochastic gradient descent: draw a sample j, then θ := θ − α ∇J^{(j)}(θ). Two things make this a sound step. It goes
# downhill: with a small α, J^{(j)} becomes smaller. And on average over j it is the step for the mean loss of all
# samples.

one = network("n0", "n1", "n2", 1)
parameters = (*one.W.values(), *one.b.values())
slopes = jac.derive(one.J, parameters)
ALPHA = 1e-7


def smaller(at: Point) -> Array:
    """Whether J is smaller after θ := θ − α ∇J."""
    step = {p: at(p) - ALPHA * at(slopes.value_by(p)) for p in parameters}
    return np.array(at.changed(step)(one.J) < at(one.J))


downhill = Claim(
    "7.1", "θ := θ − α ∇J^{(j)}(θ), a step that makes J^{(j)} smaller",
    r"\theta := \theta - \alpha \nabla_{\theta} J^{(j)}(\theta)",
    (Reading(lambda at: np.array(True), smaller),), derived(d), (33,),
    remark="Here for θ = W₂; the same holds for all parameters together.")
print(downhill)

# j is drawn from 1, …, n. With n the number of samples the claim holds. But n was the number of neurons of layer 2, 4,
# in section 4, and the number of inputs of a function in section 6. If there are more samples than that, the last ones
# are never drawn. We write N for the number of samples, and R for the mean of their losses, and look at the gradient
# by b₃.

batch = network("n0", "n1", "n2", 1, samples="N")
mean = jac.derive(jac.name("R", batch.J / batch.x.shape[1]), batch.b[3], names={"h": "δ3"})       # R: the mean loss


def average(count: int, at: Point) -> Array:
    """The mean over j = 1, …, n of the gradient of sample j by b₃."""
    found = [at.changed({one.x: at(batch.x)[:, [j]], one.t: at(batch.t)[:, [j]]})(slopes.value_by(one.b[3]))
             for j in range(count)]
    return np.mean(found, axis=0)


sampled = Claim(
    "7.2", "j is drawn uniformly from 1, …, n", r"j \sim \{1, \dots, n\}",
    (Reading(lambda at: average(at.size("N"), at), mean.value, "n = N is the number of samples"),
     Reading(lambda at: average(at.size("N") - 1, at), mean.value, "n is smaller than N", (batch.h, batch.t))),
    derived(mean), (33,))
print(sampled)

# ## Equation (34)
#
# The chain rule. Each factor is a Jacobian: ∂L/∂a₃ is a row (1 × K), ∂a₃/∂z₃ is K × K, ∂z₃/∂a₂ is K × n₂, ∂a₂/∂z₂ is
# n₂ × n₂, and ∂z₂/∂W_ij is a column, the one for the entry W_ij. The shapes fit. There is no activation at the output,
# so a₃ = z₃ = h, and the second factor is the identity. We multiply the factors as they stand.

links = [jac.derive(wide.h, wide.a[2]), jac.derive(wide.a[2], wide.z[2]), jac.derive(wide.z[2], wide.W[2])]
by_output = jac.derive(wide.J, wide.h)


def product(at: Point) -> Array:
    """∂L/∂W_ij for all i, j, as a product of five Jacobians."""
    row = at(by_output.value).T @ np.eye(at.size("K"))
    for link in links:
        row = row @ at(link.value)
    return row.reshape(at(wide.W[2]).shape)


chain = Claim(
    "7.3", "∂L/∂W_ij = (∂L/∂a₃ ∂a₃/∂z₃) (∂z₃/∂a₂) (∂a₂/∂z₂) (∂z₂/∂W_ij)",
    r"\frac{\partial L}{\partial W_{ij}^{[2]}} = "
    r"(\frac{\partial L}{\partial a^{[3]}} \frac{\partial a^{[3]}}{\partial z^{[3]}}) "
    r"(\frac{\partial z^{[3]}}{\partial a^{[2]}}) (\frac{\partial a^{[2]}}{\partial z^{[2]}}) "
    r"(\frac{\partial z^{[2]}}{\partial W_{ij}^{[2]}})",
    (Reading(product, e.value),), derived(e), (34,))
print(chain)

# ## Equation (35)
#
# The factors are put in one by one. First the loss: ∂L/∂a₃ ∂a₃/∂z₃ = a₃ − y. As the error signal, a column, this is
# right. As a factor of the chain it is a row, (a₃ − y)ᵀ; only with one output are the two the same.

error = Claim(
    "7.4", "∂L/∂a₃ ∂a₃/∂z₃ = a₃ − y",
    r"\frac{\partial L}{\partial a^{[3]}} \frac{\partial a^{[3]}}{\partial z^{[3]}} = a^{[3]} - y",
    (Reading(wide.h - wide.t, by_output.value, "the error signal δ₃, a column"),
     Reading(net.h - net.t, jac.derive(net.J, net.h).value.T, "a factor of the chain, a row; one output"),
     Reading(wide.h - wide.t, by_output.value.T, "a factor of the chain, a row; K outputs")),
    derived(by_output), (35,))
print(error)

# Then the activation. Its Jacobian is diag(g′(z₂)), but the notes write g(z₂). For ReLU, g(z) = z where z > 0, while
# g′(z) = 1. With K outputs there is a second fault: (a₃ − y) W₃ is a column of K entries times a K × n₂ matrix, which
# does not fit. Only with one output, where a₃ − y is a number, does the order not matter.


def entry(value: jac.Expr, at: Point) -> Array:
    """[(a₃ − y) W₃ ⊙ value]_i a_j for all i and j, one output."""
    left = (at(net.h - net.t) @ at(net.W[3]))[0]
    return np.array([[left_i * v_i * a_j for a_j in at(net.a[1])[:, 0]]
                     for left_i, v_i in zip(left, at(value)[:, 0], strict=True)])


factors = (net.h, net.t, net.W[3], net.z[2], net.a[1])
by_entry = Claim(
    "7.5", "∂L/∂W_ij = [(a₃ − y) W₃ ⊙ g(z₂)]_i a_jᵀ", r"[(a^{[3]} - y)W[3] \bigodot g(z^{[2]})]_i a_j^{[1]T}",
    (Reading(lambda at: entry(g(net.z[2]), at), d.value, "one output", factors),
     Reading(lambda at: (wide.h - wide.t) @ wide.W[3] * g(wide.z[2]) @ wide.a[1].T, e.value, "K outputs")),
    derived(e), (35,))
print(by_entry)

# Everything else in this line is right for one output: with g′ for g it agrees, and a_jᵀ is the transpose of a number,
# which is that number.

mended = Claim(
    "7.6", "the index i, the index j and the transpose of the number a_j in that line", r"[\,\cdot\,]_i \, a_j^{[1]T}",
    (Reading(lambda at: entry(g.prime()(net.z[2]), at), d.value, "with g′ for g, one output"),), derived(d), (35,))
print(mended)

# ## Equation (36)
#
# Stacked up to a matrix, the orientation of each factor counts. (a₃ − y) W₃ is a row (1 × n₂), g(z₂) is a column (n₂ ×
# 1), and ⊙ needs two of one shape. If the row is left a row, it cannot be multiplied by a₁ᵀ, a row as well. And if one
# ignores orientation, as NumPy does with flat arrays, g for g′ is still wrong.
#
# So no reading of the letters as they stand is right. What was meant? We mend one thing after the other and compute
# each: g′ for g, the row turned into a column, the error signal turned into a row where there are K outputs, and the
# outer product the other way round.

signal, slope = (net.h - net.t) @ net.W[3], g.prime()(net.z[2])
signals_K, slope_K = (wide.h - wide.t).T @ wide.W[3], g.prime()(wide.z[2])


def flat(values: jac.Expr, at: Point) -> Array:
    """Vectors without orientation: (a₃ − y) W₃ times the values, entry by entry, then the outer product with a₁."""
    return np.outer(at(signal).reshape(-1) * at(values).reshape(-1), at(net.a[1]).reshape(-1))


stacked = Claim(
    "7.7", "∂L/∂W₂ = [(a₃ − y) W₃ ⊙ g(z₂)] a₁ᵀ",
    r"\frac{\partial L}{\partial W^{[2]}} = [(a^{[3]} - y)W[3] \bigodot g(z^{[2]})]a^{[1]T}",
    (Reading(lambda at: signal * g(net.z[2]) @ net.a[1].T, d.value, "one output"),
     Reading(lambda at: signal @ net.a[1].T, d.value, "one output, ⊙ g(z₂) left out"),
     Reading(lambda at: ((wide.h - wide.t) @ wide.W[3]) * g(wide.z[2]) @ wide.a[1].T, e.value, "K outputs"),
     Reading(partial(flat, g(net.z[2])), d.value, "one output, vectors without orientation", factors),
     Reading(lambda at: signal * slope @ net.a[1].T, d.value, "mended: g′ for g", mended=True),
     Reading(lambda at: signal.T * g(net.z[2]) @ net.a[1].T, d.value, "mended: the row a column", factors, mended=True),
     Reading(lambda at: net.a[1] @ (signal * slope.T), d.value, "mended: g′ for g and a row, a₁ first", mended=True),
     Reading(partial(flat, slope), d.value, "mended: g′ for g, vectors without orientation", mended=True),
     Reading(lambda at: signal.T * slope @ net.a[1].T, d.value, "mended: g′ for g, the row a column", mended=True),
     Reading(lambda at: signals_K.T * slope_K @ wide.a[1].T, e.value,
             "mended: the same for K outputs, with (a₃ − y)ᵀ for a₃ − y", mended=True)),
    derived(e), (36,),
    remark="With δ₃ put into δ₂ and δ₂ into the last line: the factor g becomes g′, W₃ is transposed and stands first.")
print(stacked)

# It takes two changes with one output, g′ for g and a column for the row, and with K outputs a third, the transpose of
# a₃ − y. Then the column is ((a₃ − y)ᵀ W₃)ᵀ = W₃ᵀ (a₃ − y), as it was derived. With a₁ first, what comes out is the
# transpose, n₁ × n₂, which is not the shape of W₂.

# ## What goes back
#
# The last sentence: the step of a layer is based on values of the next layer. The derivation shows which: δ₂ is made
# of W₃ and δ₃, which belong to layer 3, and of z₂ in its own layer. We change W₃ alone and see the gradient by W₂
# change, although W₂, z₂ and a₁ stay as they are. Here the activation is tanh.

smooth = network("n0", "n1", "n2", "K", activation=jac.tanh)
by_W = jac.derive(smooth.J, smooth.W[2], names=signals)


def moves(at: Point) -> Array:
    """Whether the gradient by W₂ changes with W₃, and whether z₂ does."""
    other = at.changed({smooth.W[3]: 2 * at(smooth.W[3])})
    return np.array([not np.allclose(other(x), at(x)) for x in (by_W.value, smooth.z[2])])


back = Claim(
    "7.8", "the step of a layer is based on the next layer's value", r"\delta^{[2]} \text{ depends on } \delta^{[3]}",
    (Reading(lambda at: np.array([True, False]), moves),), derived(by_W))
print(back)

# And here are all six gradients of the network, as they are to be programmed:

everything = jac.derive(wide.J, (*wide.W.values(), *wide.b.values()), names=signals)
print(derived(everything).text().replace(";  ", "\n"), "\n")
