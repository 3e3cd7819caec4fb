"""5 Vectorised forward feed: whole layers at once."""

# # 5 Vectorised forward feed
#
# From here on a vector is a matrix with one column, as in the notes: z ∈ R^{m×1}. Rows and columns are now different
# things, and a product whose shapes do not fit is an error.

from functools import partial

import numpy as np

import jacobian as jac
from derivations.claim import Claim, Reading
from derivations.correction import defined, derived
from derivations.network import Network, network
from derivations.point import Array, Point

W, x, b = jac.symbols("W: m d, x: d 1, b: m 1")
z = jac.name("z", W @ x + b)
layer = jac.derive(z, x)
print(layer.text(), "\n")

# ## Equation (7)
#
# The rows of W are the vectors w_jᵀ. So W has a row for each neuron and a column for each input, m × d, and entry (j,
# i) says how z_j changes with x_i. We take the rows one at a time, as derivatives of the single z_j = w_jᵀ x + b_j.

w, c = jac.symbols("w: d 1, c: 1 1")
one = jac.derive(w.T @ x + c, x)


def stacked(at: Point) -> Array:
    """Row j is the derivative of z_j = w_jᵀ x + b_j."""
    return np.vstack([at.changed({w: row[:, None]})(one.value) for row in at(W)])


weights = Claim(
    "5.1", "W has the rows w_jᵀ, W ∈ R^{m×d}", r"W^{[1]} = [-w_1^{[1]T}-; \dots; -w_m^{[1]T}-] \in R^{m \times d}",
    (Reading(stacked, layer.value),), derived(layer), (7,))
print(weights)

# ## Equation (8)


def by_rows(at: Point) -> Array:
    """z_j = Σ_i W_ji x_i + b_j, in one column."""
    rows, inputs, shifts = at(W), at(x), at(b)
    return np.array([[sum(w_ji * x_i[0] for w_ji, x_i in zip(row, inputs, strict=True)) + shift[0]]
                     for row, shift in zip(rows, shifts, strict=True)])


stack = Claim(
    "5.2", "z = [w_1ᵀ; …; w_mᵀ] x + b ∈ R^{m×1}",
    r"\mathbf{z} = [-w_1^{[1]T}-; \dots; -w_m^{[1]T}-] x + b \in R^{m \times 1}",
    (Reading(by_rows, z),), defined(z), (8,))
print(stack)

# ## Equations (9) to (13)
#
# Hence the five lines of the network. We compute each line neuron by neuron, as in section 4 with the indices mended,
# and compare all of z₁, a₁, z₂, a₂ and h.

net = network("d", "m", "n", 1)
print(defined(*net.z.values()).text(), "\n")


def neurons(net: Network, at: Point) -> list[Array]:
    """z₁, a₁, z₂, a₂, …, h, a neuron at a time."""
    found, a = [], at(net.x)[:, 0]
    for k in net.W:
        z = np.array([w @ a + shift[0] for w, shift in zip(at(net.W[k]), at(net.b[k]), strict=True)])
        a = np.array([max(z_j, 0) for z_j in z])
        found += [z[:, None], a[:, None]]
    return found[:-1]


lines = Claim(
    "5.3", "z₁ = W₁ x + b₁, a₁ = ReLU(z₁), z₂ = W₂ a₁ + b₂, a₂ = ReLU(z₂), h = W₃ a₂ + b₃",
    r"z^{[1]} = W^{[1]}x + b^{[1]}, \ a^{[1]} = ReLU(z^{[1]}), \dots, h = W^{[3]}a^{[2]} + b^{[3]}",
    (Reading(lambda at: np.vstack([at(y) for y in (net.z[1], net.a[1], net.z[2], net.a[2], net.h)]),
             lambda at: np.vstack(neurons(net, at))),), defined(net.z[1], net.a[1], net.z[2], net.a[2], net.h),
    (9, 10, 11, 12, 13))
print(lines)

# ## Equations (14) to (17)
#
# In general there are r layers, the last of them without activation. We try r = 2, 3 and 4.

deep = {r: network(*(f"n{k}" for k in range(r)), 1) for r in (2, 3, 4)}


def general(net: Network, at: Point) -> Array:
    """a^{[k]} = ReLU(W^{[k]} a^{[k-1]} + b^{[k]}) for k < r, then h = W^{[r]} a^{[r-1]} + b^{[r]}."""
    a, r = at(net.x), len(net.W)
    for k in range(1, r):
        a = np.maximum(at(net.W[k]) @ a + at(net.b[k]), 0)
    return at(net.W[r]) @ a + at(net.b[r])


def output(net: Network, at: Point) -> Array:
    """h, a neuron at a time."""
    return neurons(net, at)[-1]


layers = Claim(
    "5.4", "a_k = ReLU(W_k a_{k−1} + b_k) for k = 1, …, r − 1, h = W_r a_{r−1} + b_r",
    r"a^{[r-1]} = \mathrm{ReLU}(W^{[r-1]}a^{[r-2]} + b^{[r-1]}), \ h(x) = W^{[r]}a^{[r-1]} + b^{[r]}",
    tuple(Reading(partial(general, net), partial(output, net), f"r = {r}") for r, net in deep.items()),
    defined(*deep[4].z.values()), (14, 15, 16, 17), remark="The first line has x where a^{[0]} belongs: a^{[0]} is x.")
print(layers)

# ## Equation (18)
#
# The loss is ½ (h − o)², with o for the target t. For the network of the notes, which has one output, that is a
# number. For several outputs (h − t)² entry by entry is not a number; the loss is then half the sum of the squares, ½
# ‖h − t‖².

single, several = network("n0", "n1", 1), network("n0", "n1", "K")
loss = Claim(
    "5.5", "J = ½ (h − o)²", r"J = (1/2)(h - o)^2",
    (Reading(lambda at: at((single.h - single.t) ** 2 / 2).item(), single.J, "one output, a number"),
     Reading((several.h - several.t) ** 2 / 2, several.J, "K outputs, squares entry by entry")),
    defined(several.J), (18,))
print(loss)

# Its gradient by h is h − t, without a factor: that is what the ½ is for. The mean squared error, which the notes name
# next, has the factor 2/K instead; cross-entropy after softmax has the difference of probabilities and targets.

h, t = jac.symbols("h: K, t: K onehot")
for name, example in {"½ ‖h − t‖²": jac.half_square(h - t), "mean squared error": jac.square(h - t) / h.size,
                      "cross-entropy": jac.cross_entropy(h, t)}.items():
    print(f"{name}: {derived(jac.derive(jac.name('J', example), h)).text()}")
print()
