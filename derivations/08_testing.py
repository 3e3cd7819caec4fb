"""8 Testing: the total differential, and a test of the gradient of section 7."""

# # 8 Testing
#
# The last line of the notes is a sum without a left side, Σ_{i=1}^{k} ∂f_i/∂x_i dx_i. It looks like the total
# differential, how much f changes when x changes by dx. For one function f of n variables that is df = Σ_{i=1}^{n}
# ∂f/∂x_i dx_i, a Jacobian with one row times the vector dx.

import numpy as np

import jacobian as jac
from derivations.claim import Claim, Reading
from derivations.correction import entries
from derivations.network import g, network
from derivations.point import Array, Point, partials
from jacobian.numeric import numeric
from jacobian.printing.boxes import Name
from jacobian.testing import assert_gradient

A, C, c, x, dx, s = jac.symbols("A: n n, C: k k, c: n, x: k, dx: k, s:")
y = jac.name("y", (C @ x) ** 2)                   # k functions of k variables
d = jac.derive(y, x)

# ## Equation (37)
#
# With an index on f, too, the sum takes the derivative of f₁ by x₁, of f₂ by x₂, and so on: the diagonal of a
# Jacobian, for as many functions as variables. That is neither the differential of one of the functions nor that of
# all of them.


def diagonal(at: Point) -> Array:
    """Σ_{i=1}^{k} ∂f_i/∂x_i dx_i."""
    return np.array(np.diag(partials(y, x, at)) @ at(dx))


line = jac.name("f", jac.symbol("c: k") @ (x + s * dx))      # c holds the ∂f/∂x_i at the point
rate = jac.derive(line, s)
slope = jac.name("∂f/∂x", d.value)
differential = Claim(
    "8.1", "Σ_{i=1}^{k} ∂f_i/∂x_i dx_i, as a total differential",
    r"\sum_{i=1}^{k} \frac{\partial f_i}{\partial x_i} dx_i",
    (Reading(diagonal, lambda at: (at(d.value) @ at(dx))[0], "df₁, of the first function", (slope, dx)),
     Reading(diagonal, lambda at: at(d.value) @ at(dx), "df, of all k functions")),
    entries(rate, rate.value, {(1, 1): Name("df")}, {"k": 3}, {"c": "f x"}), (37,),
    remark="One f, without index; the sum runs over the variables, here three.")
print(differential)

# ## Testing the gradient
#
# The title of this section is a good idea. A gradient that was derived by hand should be tested against one that was
# measured: change each entry of W₂ a little and see how J changes. We measure the loss of the network 2-3-4-1 and
# compare with the formula of section 7, its mended form and the one of the notes.

net = network(2, 3, 4, 1, activation=g)
at = Point(4, readable=True)
measured = numeric(lambda W: at.changed({net.W[2]: W})(net.J), at(net.W[2]))
print(f"measured by {measured.method} in {measured.evaluations} evaluations, with a bound on the error of each entry")

right = jac.derive(net.J, net.W[2])
slip = (net.W[3].T @ (net.h - net.t) * g(net.z[2])) @ net.a[1].T
for name, formula in {"W₃ᵀ (h − t) ⊙ g′(z₂)": right.value, "W₃ᵀ (h − t) ⊙ g(z₂)": slip}.items():
    off = np.abs(at(formula) - measured.value)
    inside = bool(np.all(off <= measured.error + 1e-12))
    print(f"[{name}] a₁ᵀ: {'within the bound' if inside else f'off by up to {off.max():.3g}'}")

# ## A test that stays
#
# In a file of tests one line is enough. `assert_gradient` decides from the bounds, without a tolerance, and the message
# of its failure is a report with the worst entry; `assert_vjp` does the same for a backward pass g ↦ Jᵀ g, and
# `assert_torch` and `assert_jax` for one that is written for torch or JAX.


def loss(W2: Array) -> Array:
    return at.changed({net.W[2]: W2})(net.J)


def test_gradient(formula: jac.Expr) -> None:
    assert_gradient(loss, at(formula), at(net.W[2]))


test_gradient(right.value)
try:
    test_gradient(slip)
except AssertionError as failure:
    print("\n".join(line for line in str(failure).splitlines() if line.startswith(("The", "  worst"))))
