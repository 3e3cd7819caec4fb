"""6 Vector and matrix calculus: gradients, Jacobians, total derivatives."""

# # 6 Vector and matrix calculus
#
# This section holds the tools. Its claims are about any functions, so we take functions with random coefficients: f
# and g below are quadratic in every entry, with matrices A and C that are drawn anew for each point.

from collections.abc import Mapping
from functools import partial

import numpy as np

import jacobian as jac
from derivations.claim import Claim, Reading
from derivations.correction import defined, derived, entries, slope
from derivations.point import Array, Point, Side, partials
from jacobian.printing.names import label

A, C, c, x = jac.symbols("A: k n, C: m k, c: k, x: n")
g = jac.name("g", (A @ x) ** 2)          # R^n → R^k
y = jac.name("y", (C @ g) ** 2)          # R^n → R^k → R^m
f = jac.name("f", c @ g)                 # R^n → R^k → R

# ## Equation (19)
#
# The gradient of f: R^n → R is the column of its partial derivatives, in the shape of x. The partial derivatives on
# the side of the notes come from SymPy, one at a time; the gradient of the package comes from the chain of Jacobians.

gradient = Claim(
    "6.1", "∇f = [∂f/∂x₁, …, ∂f/∂x_n]ᵀ",
    r"\nabla f = [\frac{\partial f}{\partial x_1}, \dots, \frac{\partial f}{\partial x_n}]^\top",
    (Reading(lambda at: partials(f, x, at)[0], jac.derive(f, x).value),), derived(jac.derive(f, x)), (19,))
print(gradient)

# ## Equation (20)
#
# The example is f = 3 x₁² x₂. The derivative by x₂ keeps the square of x₁.

x1, x2 = jac.symbols("x1:, x2:")
cubic = jac.derive(jac.name("f", 3 * x1**2 * x2), (x1, x2))
print(cubic.text(), "\n")

example = Claim(
    "6.2", "f = 3 x₁² x₂ has ∇f = [6 x₁ x₂, 3 x₁]ᵀ", r"\nabla f(x_1, x_2) = [6x_1 x_2, 3x_1]^T",
    (Reading(lambda at: [at(6 * x1 * x2), at(3 * x1)], lambda at: [at(cubic.value_by(s)) for s in (x1, x2)]),),
    derived(cubic), (20,))
print(example)

# ## Equations (21) and (22)
#
# A vector of functions, and its Jacobian in three forms: columns ∂y/∂x_j, rows ∇ᵀf_i, entries ∂f_i/∂x_j. All three are
# one m × n matrix. The notes ask for m different functions; nothing in the formula needs that.

whole = jac.derive(y, x)
print(whole.text(), "\n")
row = jac.symbol("r: k")
component = jac.name("y1", (row @ g) ** 2)          # one of the m functions, with its row of C
gradient_of_one = jac.derive(component, x)


def one_by_one(at: Point) -> Array:
    """f₁(x), …, f_m(x), each for itself."""
    return np.array([at.changed({row: r})(component) for r in at(C)])


def forms(at: Point) -> Array:
    """The Jacobian from its columns, from its rows, from its entries."""
    P = partials(y, x, at)
    gradients = [at.changed({row: r})(gradient_of_one.value) for r in at(C)]
    return np.stack([np.stack([P[:, j] for j in range(P.shape[1])], axis=1), np.stack(gradients), P])


components = Claim(
    "6.3", "f(x) = (f₁(x), …, f_m(x))", r"\mathbf{f}(\mathbf{x}) = (f_1(\mathbf{x}), \dots, f_m(\mathbf{x}))",
    (Reading(one_by_one, y),), defined(g, y), (21,))
print(components)

jacobian = Claim(
    "6.4", "𝕁 = [∂f/∂x₁ … ∂f/∂x_n] = [∇ᵀf₁; …; ∇ᵀf_m] = [∂f_i/∂x_j]",
    r"\mathbb{J} = [\frac{\partial f}{\partial x_1} \cdots \frac{\partial f}{\partial x_n}] = "
    r"[\nabla^T f_1; \dots; \nabla^T f_m]",
    (Reading(forms, lambda at: np.stack([at(whole.value)] * 3)),), derived(whole), (22,))
print(jacobian)

# ## Equations (23) and (24)
#
# The law of total derivatives. With f(g₁, …, g_k) there are k paths from x₁ to f, one through each g_i, so the sum has
# k terms. The notes let it end with index n, and call the last function u_n in one place and g_n in the other. If u_n
# is a letter of its own, f does not depend on it, and the last term is 0. If it means g_n, terms are missing for n <
# k, and for n > k there is no g_n.

gradient_by_g, slopes = jac.derive(f, g), jac.derive(g, x)
u = jac.symbol("u:")


def to_n(column: int, last: str, at: Point) -> Array:
    """Σ_{i=1}^{n} ∂f/∂g_i ∂g_i/∂x_j, the last factor ∂f/∂u_n."""
    df, dg = at(gradient_by_g.value), at(slopes.value)
    k, n = dg.shape
    if n > k:
        raise jac.ShapeError(f"f takes k = {k} arguments, but the sum runs to g_{n}")
    terms = [df[i] * dg[i, column] for i in range(n)]
    if last == "u":
        terms[-1] = at(jac.derive(f, u).value) * dg[n - 1, column]
    return np.array(sum(terms))


def total(column: int) -> tuple[Reading, ...]:
    """Both readings of the sum for ∂f/∂x_j."""
    return tuple(Reading(partial(to_n, column, letter), lambda at: at(jac.derive(f, x).value)[column], note)
                 for letter, note in (("u", "u_n is a letter of its own"), ("g", "u_n is g_n")))


F, G, s = jac.symbols("F: m k, G: k n, s: k")
few = {"m": 2, "k": 3, "n": 2}
linear = jac.derive(jac.name("f", s @ (G @ x)), x)          # s holds the ∂f/∂g_i at the point, G the ∂g_i/∂x_j


def law(number: str, j: int, equation: int) -> Claim:
    """The claim about the derivative by x_j."""
    x = "₁₂"[j - 1]
    return Claim(
        number, f"∂f_m/∂x{x} = ∂f/∂g₁ ∂g₁/∂x{x} + ∂f/∂g₂ ∂g₂/∂x{x} + … + ∂f/∂u_n ∂g_n/∂x{x}",
        rf"\frac{{\partial f_m}}{{\partial x_{j}}} = \frac{{\partial f}}{{\partial g_1}} \frac{{\partial g_1}}"
        rf"{{\partial x_{j}}} + \dots + \frac{{\partial f}}{{\partial u_n}} \frac{{\partial g_n}}{{\partial x_{j}}}",
        total(j - 1), entries(linear, linear.value, {(j, 1): slope("f", f"x{j}")}, few, {"s": "f g", "G": "g x"}),
        (equation,), remark="The sum runs over the arguments of f: here k = 3, while x has n = 2 entries.")


by_x1, by_x2 = law("6.5", 1, 23), law("6.6", 2, 24)
print(by_x1)
print(by_x2)

# On the left stands f_m, on the right f. If f is one function, f_m is another name for it. If f is the vector of m
# functions of equation (21), the right side has m entries and the left side one.

chain = jac.derive(y, g)
subscript = Claim(
    "6.7", "f_m on the left and f on the right of (23) and (24)",
    r"\frac{\partial f_m}{\partial x_1} = \frac{\partial f}{\partial g_1} \cdots",
    (Reading(lambda at: at(gradient_by_g.value) @ at(slopes.value)[:, 0], lambda at: at(jac.derive(f, x).value)[0],
             "f is one function, f_m = f"),
     Reading(lambda at: at(chain.value) @ at(slopes.value)[:, 0], lambda at: at(whole.value)[-1, 0],
             "f is the vector (f₁, …, f_m)")),
    by_x1.correct, (23, 24))
print(subscript)

# The notes require that *each* g_i depends on x. The law needs no such condition: a g_i that does not depend on x has
# ∂g_i/∂x_j = 0. We set the first row of A to 0, which makes g₁ constant, and compare again.


def holds(at: Point) -> Array:
    """Whether Σ ∂f/∂g_i ∂g_i/∂x_j is ∂f/∂x_j."""
    return np.array(np.allclose(at(gradient_by_g.value) @ at(slopes.value), partials(f, x, at)[0]))


condition = Claim(
    "6.8", "the law holds if each of g₁, …, g_k depends on x",
    r"g_i \text{ depends on } x_1, \dots, x_n \text{ for each } i",
    (Reading(lambda at: np.array(True), holds, "the condition is enough"),
     Reading(lambda at: np.array(False), lambda at: holds(at.changed({A: np.vstack([0 * at(A)[:1], at(A)[1:]])})),
             "without the condition the law fails")),
    by_x1.correct, (23, 24))
print(condition)

# ## Equations (25) to (28)
#
# Item 4 composes vectors of functions: y_i = f_i(g₁, …, g_k) for i = 1, …, m. The first and the last line say so.

ends = Claim(
    "6.9", "y₁ = f₁(g₁(x), …, g_k(x)), y_m = f_m(g₁(x), …, g_k(x)), y = (y₁, …, y_m)",
    r"y_{m} = f_{m}(g_{1}(x_{1}, ..., x_{n}), ..., g_{k}(x_{1}, ..., x_{n})), \ y = (y_{1}, ..., y_{m})",
    (Reading(lambda at: one_by_one(at)[[0, -1]], lambda at: at(y)[[0, -1]]),), defined(g, y), (25, 27, 28))
print(ends)

# The second line has f₁ again.

inner = jac.symbol("g: k")
outer = jac.derive(jac.name("y", F @ inner), inner)         # row i of F belongs to f_i
second = Claim(
    "6.10", "y₂ = f₁(g₁(x), …, g_k(x))", r"y_2 = f_1(g_1(x_1, ..., x_n), ..., g_k(x_1, ..., x_n))",
    (Reading(lambda at: one_by_one(at)[0], lambda at: at(y)[1], "", (C, g)),),
    entries(outer, F @ inner, {(1, 1): label("y1"), (2, 1): label("y2")}, few), (26,),
    remark="Written for functions f_i with a row of coefficients each: y₂ has those of f₂.")
print(second)

# ## Equation (29)
#
# The rows of the Jacobian are written ∇ᵀf_i(x). As a function f_i takes k numbers g₁, …, g_k, and its own gradient has
# k entries. What is meant is the gradient of the composition f_i(g(x)), with n entries.

rows = Claim(
    "6.11", "∂y/∂x = [∇ᵀf₁(x); …; ∇ᵀf_m(x)]",
    r"J = \frac{\partial y}{\partial x} = [\nabla^{T} f_{1}(\mathbf{x}); \dots; \nabla^{T} f_{m}(\mathbf{x})]",
    (Reading(lambda at: partials(y, x, at), whole.value, "∇ᵀf_i(x) is the gradient of x ↦ f_i(g(x))"),
     Reading(lambda at: at(chain.value), whole.value, "∇ᵀf_i is the gradient of f_i by its own arguments")),
    derived(whole), (29,))
print(rows)

# ## Equation (30)
#
# In the matrix of entries the last row begins with ∂f_m/∂x_n. All entries of column 1 are derivatives by x₁.

shown = {"x": jac.name("∂y/∂x", whole.value), "y": jac.name("∂y/∂g", chain.value), "g": jac.name("∂g/∂x", slopes.value)}
product = jac.derive(jac.name("y", F @ (G @ x)), x)         # F holds the ∂f_i/∂g_l at the point, G the ∂g_l/∂x_j
named = {"F": "f g", "G": "g x"}
table = Claim(
    "6.12", "∂y/∂x = [∂f_i/∂x_j] with the last row ∂f_m/∂x_n, ∂f_m/∂x₂, …, ∂f_m/∂x_n",
    r"[\frac{\partial f_m}{\partial x_n}, \frac{\partial f_m}{\partial x_2}, \dots, \frac{\partial f_m}{\partial x_n}]",
    (Reading(lambda at: partials(y, x, at)[-1][[-1, *range(1, at.size("n"))]], lambda at: at(whole.value)[-1],
             "", (shown["x"],)),),
    entries(product, product.value, {(2, 1): slope("f2", "x1")}, few, named), (30,),
    remark="Here m = 2: the entry in the last row, first column.")
print(table)

# ## Equation (31)
#
# Each entry is a sum over i = 1, …, k of ∂f/∂g_i ∂g_i/∂x. That much is right, and it says that the Jacobian of a
# composition is the product of the Jacobians:

print(product.text(), "\n")
sums = Claim(
    "6.13", "each entry of ∂y/∂x is a sum over i = 1, …, k of ∂f/∂g_i ∂g_i/∂x",
    r"\sum_{i=1}^{k} \frac{\partial f_1}{\partial g_i} \frac{\partial g_i}{\partial x_1}",
    (Reading(lambda at: np.einsum("il,lj->ij", at(chain.value), at(slopes.value)), whole.value),),
    derived(product), (31,))
print(sums)

# The indices go astray. In each row the last column has x₂ where x_n belongs. A row in the middle begins with f_m and
# goes on with f₁, though a row has one f. Then come rows in which the second factor is ∂f_m/∂x instead of ∂g_i/∂x.
# (The matrix in our copy repeats its last rows and breaks off in the middle of one; we do not hold that against the
# notes.)
#
# We compare columns 1, 2 and n. Row m is the row of f_m, row 2 is one in the middle.


def row_of(first: int, others: int, at: Point) -> Array:
    """Σ ∂f_a/∂g_i ∂g_i/∂x₁, then with f_b for x₂, and once more x₂ in the last column."""
    df, dg = at(chain.value), at(slopes.value)
    return np.array([df[first] @ dg[:, 0], df[others] @ dg[:, 1], df[others] @ dg[:, 1]])


def true_row(i: int, at: Point) -> Array:
    """Columns 1, 2 and n of row i."""
    return at(whole.value)[i][[0, 1, -1]]


def astray(number: str, says: str, latex: str, claimed: Side, *wrong: int, rows: Mapping[str, int]) -> Claim:
    """A claim about these rows; `wrong` are the columns to be corrected, for m = n = 3 and k = 2."""
    last = 2 if len(rows) > 1 else [1, 2, 3][rows[""]]
    left = {(last, j): slope(f"f{last}", f"x{j}") for j in wrong}
    return Claim(number, says, latex, tuple(
        Reading(claimed, partial(true_row, i), note, (shown["y"], shown["g"])) for note, i in rows.items()),
        entries(product, product.value, left, {"m": 3, "k": 2, "n": 3}, named), (31,))


row_1 = astray("6.14", "row 1: Σ ∂f₁/∂g_i ∂g_i/∂x₁, Σ ∂f₁/∂g_i ∂g_i/∂x₂, …, Σ ∂f₁/∂g_i ∂g_i/∂x₂",
               r"\dots, \sum_{i=1}^{k} \frac{\partial f_{1}}{\partial g_{i}} \frac{\partial g_{i}}{\partial x_{2}}",
               partial(row_of, 0, 0), 3, rows={"": 0})
row_2 = astray("6.15", "a row in the middle: Σ ∂f_m/∂g_i ∂g_i/∂x₁, Σ ∂f₁/∂g_i ∂g_i/∂x₂, …, Σ ∂f₁/∂g_i ∂g_i/∂x₂",
               r"\sum_{i=1}^{k} \frac{\partial f_{m}}{\partial g_{i}} \frac{\partial g_{i}}{\partial x_{1}}, "
               r"\sum_{i=1}^{k} \frac{\partial f_{1}}{\partial g_{i}} \frac{\partial g_{i}}{\partial x_{2}}, \dots",
               partial(row_of, -1, 0), 1, 2, 3, rows={"as row 2": 1, "as row m": -1})
row_m = astray("6.16", "row m: Σ ∂f_m/∂g_i ∂g_i/∂x₁, Σ ∂f_m/∂g_i ∂g_i/∂x₂, …, Σ ∂f_m/∂g_i ∂g_i/∂x₂",
               r"\dots, \sum_{i=1}^{k} \frac{\partial f_{m}}{\partial g_{i}} \frac{\partial g_{i}}{\partial x_{2}}",
               partial(row_of, -1, -1), 3, rows={"": -1})
repeated = astray("6.17", "the rows after it: Σ ∂f_m/∂g_i ∂f_m/∂x₁, …",
                  r"\sum_{i=1}^{k} \frac{\partial f_{m}}{\partial g_{i}} \frac{\partial f_{m}}{\partial x_{1}}",
                  lambda at: sum(at(chain.value)[-1]) * at(whole.value)[-1][[0, 1, 1]], 1, rows={"": -1})
print(row_1, row_2, row_m, repeated, sep="\n")

# ## Equation (32)
#
# An elementwise function has a diagonal Jacobian: a_i depends on z_i alone. The package keeps the diagonal as a map of
# its own kind and never writes the zeros. We let SymPy compute all m × m partial derivatives, for four activations.

z = jac.symbol("z: m")
outputs = {"ReLU": jac.relu(z), "leaky ReLU": jac.leaky_relu(z), "sigmoid": jac.sigmoid(z), "tanh": jac.tanh(z)}
acting = {name: jac.derive(jac.name("a", a), z) for name, a in outputs.items()}
for name, d in acting.items():
    print(f"{name}: {derived(d).text()}, a map of the kind {type(d.jacobian).__name__}")
print()


def diagonal(d: jac.Derivation, at: Point) -> Array:
    """The partial derivatives with all that lies off the diagonal set to 0."""
    return np.diag(np.diag(partials(d.goal, z, at)))


elementwise = Claim(
    "6.18", "the Jacobian of an elementwise function, so ∂a/∂z, is diagonal",
    r"\frac{\partial a^{[i]}}{\partial z^{[i]}} \text{ is diagonal}",
    tuple(Reading(partial(diagonal, d), d.value, name) for name, d in acting.items()), derived(acting["ReLU"]), (32,))
print(elementwise)

# Softmax shows that elementwise is needed: each output depends on all inputs.

print(derived(jac.derive(jac.name("a", jac.softmax(z)), z)).text(), "\n")
