"""4 Forward feed: the network neuron by neuron."""

# # 4 Forward feed
#
# The notes compute the first layer one neuron at a time. It has m = 3 neurons and d = 2 inputs; we let m and d be any
# numbers where a claim does not depend on them.

import numpy as np

import jacobian as jac
from derivations.claim import Claim, Reading
from derivations.correction import defined, derived, entries
from derivations.network import network
from derivations.point import Array, Point
from jacobian.printing.names import label

W, x, b, w3, b3 = jac.symbols("W: m d, x: d, b: m, w3: n, b3:")
z = jac.name("z", W @ x + b)
a = jac.name("a", jac.relu(z))
feed = jac.derive(z, x)
print(feed.text(), "\n")

# ## Equations (1) and (2)
#
# The weights are called θ₁, …, θ₆. Input x₁ enters the three neurons with θ₁, θ₂, θ₃ and input x₂ with θ₄, θ₅, θ₆:
# they are numbered down the columns of W. (The package numbers the entries of a matrix along its rows.) The notes
# write down a₁ and a₂; we write down all three.

W1, x1, b1 = jac.symbols("W: 3 2, x: 2, b: 3")
a1 = jac.relu(W1 @ x1 + b1)


def by_theta(at: Point) -> Array:
    """a_j = ReLU(θ_j x₁ + θ_{j+3} x₂ + b_j)."""
    theta, inputs, shift = at(W1).T.reshape(-1), at(x1), at(b1)
    return np.array([max(theta[j] * inputs[0] + theta[j + 3] * inputs[1] + shift[j], 0) for j in range(3)])


first_layer = Claim(
    "4.1", "a₁ = ReLU(θ₁ x₁ + θ₄ x₂ + b₁), a₂ = ReLU(θ₂ x₁ + θ₅ x₂ + b₂)",
    r"a_1 = \text{ReLU}(\theta_1 x_1 + \theta_4 x_2 + b_1^{[1]}), \ "
    r"a_2 = \text{ReLU}(\theta_2 x_1 + \theta_5 x_2 + b_2^{[1]})",
    (Reading(by_theta, a1),), defined(z, a), (1, 2))
print(first_layer)

# ## The vectors w
#
# Then the weights of neuron j are collected in one vector w_j: w₁ = (θ₁, θ₄) and so on. It is the j-th row of W, which
# is how z_j depends on x.

weights = Claim(
    "4.2", "w_j is the vector of the θ's of neuron j", r"w_j^{[1]} = (\theta_j, \theta_{j+3})",
    (Reading(lambda at: np.array([[at(W1).T.reshape(-1)[j + 3 * k] for k in range(2)] for j in range(3)]),
             jac.derive(W1 @ x1 + b1, x1).value),), derived(feed))
print(weights)

# ## Equation (3)
#
# "Let i be the layer and j the neuron." Then z_j is written with w_i and b_i. With i = 1, the layer, each z_j would be
# the same number, that of the first neuron. Index j belongs on w and b.


def by_layer(at: Point) -> Array:
    """z_j = w_iᵀ x + b_i with i = 1 for all j."""
    layer = 1
    return np.array([at(W)[layer - 1] @ at(x) + at(b)[layer - 1] for _ in range(at.size("m"))])


first = {"m": 3, "d": 2}
neuron = Claim(
    "4.3", "z_j = w_iᵀ x + b_i for j = 1, …, m", r"z_j = \mathbf{w}_i^{[1] \top} \mathbf{x} + b_i^{[1]}",
    (Reading(by_layer, z),), entries(feed, z.args[0], {(j, 1): label(f"z{j}") for j in (1, 2, 3)}, first), (3,),
    remark="W₁₁, W₁₂ are the entries of w₁: the first index, on W and on b, is that of z.")
print(neuron)

# ## The sizes
#
# m = 3, d = 2 and n = 4 are read off the shapes of the network.

net = network(2, 3, 4, 1)
sizes = Claim(
    "4.4", "m = 3, d = 2, n = 4; w_j ∈ R^d, b_j ∈ R",
    r"m = 3, \ d = 2, \ n = 4, \ \mathbf{w}_j^{[1]} \in R^d, \ b_j^{[1]} \in R",
    (Reading(lambda at: np.array([3, 2, 4]), lambda at: np.array([*net.W[1].shape, *net.a[2].shape[:1]])),),
    defined(*net.z.values()))
print(sizes)

# ## Equations (4) and (5)
#
# The activation works entry by entry, so that a may be put together from its entries.


def by_neuron(at: Point) -> Array:
    """a = [a_1, …, a_m] with a_j = ReLU(z_j) and z_j = w_jᵀ x + b_j."""
    return np.array([max(w @ at(x) + shift, 0) for w, shift in zip(at(W), at(b), strict=True)])


activation = Claim(
    "4.5", "a_j = ReLU(z_j), a = [a_1, …, a_m]ᵀ ∈ R^m",
    r"a_j = \text{ReLU}(z_j), \ \mathbf{a} = [a_1, \dots, a_m]^{\top} \in \mathbb{R}^m",
    (Reading(by_neuron, a),), derived(jac.derive(a, z)), (4, 5))
print(activation)

# ## Equation (6)
#
# The output is w^{[3]}ᵀ a + b^{[3]} with w^{[3]} ∈ R^n. The only a that has been defined so far is that of layer 1,
# with m entries. The one that is meant is a^{[2]}, with n entries, one for each neuron of layer 2. (The bar on h has
# no meaning.)

a2 = jac.symbol("a2: n")
output = jac.name("h", w3 @ a2 + b3)
last_layer = Claim(
    "4.6", "h = w₃ᵀ a + b₃ with w₃ ∈ R^n", r"\bar{h}_{\theta}(\mathbf{x}) = \mathbf{w}^{[3] \top} \mathbf{a} + b^{[3]}",
    (Reading(lambda at: w3 @ a + b3, output, "a is that of equation (5)"),
     Reading(lambda at: w3 @ a2 + b3, output, "a is a^{[2]}, of layer 2")), defined(output), (6,))
print(last_layer)
