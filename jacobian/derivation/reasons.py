"""Why a step holds, in words: a sentence for each operation, and its differential as its row has it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jacobian.derivation.differential import change_of, changes, spoken
from jacobian.errors import MissingRule
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.elementwise import MAP
from jacobian.symbolic.expr import Axes, Expr, Operation, Variable, make
from jacobian.symbolic.forward import pushed
from jacobian.symbolic.leaves import NAMED, SCALAR, SYMBOL

# By the operation, or by (operation, argument, or None for several): what is said, and whether the differential of the
# row is written behind it.
REASONS: dict[str | tuple[str, int | None], tuple[str, bool]] = {
    "named": ("a name stands for its expression", False),
    "add": ("the differential of a sum is the sum of the differentials", False),
    "scale": ("the product rule", True),
    "hadamard": ("the product rule", True),
    "matmul": ("the differential of A X B is A dX B", False),
    ("matmul", None): ("the differential of A B is dA B + A dB", False),
    "transpose": ("the differential of a transpose is the transpose of the differential", False),
    "vec": ("vec is linear", True),
    "reshape": ("a new shape leaves the entries as they are", False),
    "lift": ("a vector is a matrix of one column or one row", False),
    "diag": ("diag is linear", True),
    "diagonal": ("the diagonal is linear", True),
    "part": ("a part of a vector, or some rows of a matrix, changes as they do", False),
    "vstack": ("each block changes by itself", True),
    "hstack": ("each block changes by itself", True),
    "kron": ("a Kronecker product is linear in each factor", True),
    "trace": ("the trace is linear", True),
    "map": ("a function of each entry", True),
    "power": ("a power, entry by entry", True),
    "inverse": ("the differential of X⁻¹ X = I is 0", True),
    "det": ("Jacobi's formula", True),
    "logdet": ("Jacobi's formula", True),
    "adjugate": ("the differential of adj(X) = det(X) X⁻¹", True),
    "matrix_power": ("the differential of each factor in turn", True),
    "cholesky": ("the lower triangle of L⁻¹ dX L⁻ᵀ, with half its diagonal, is L⁻¹ dL", True),
    "expm": ("the Fréchet derivative of the exponential", True),
    "eigenvalues": ("the differential of each eigenvalue is vᵢᵀ dX vᵢ, with its unit eigenvector", True),
    "nuclear": ("the gradient of the nuclear norm is U Vᵀ, where X = U S Vᵀ has full rank", True),
    "spectral": ("the gradient of the largest singular value is u₁ v₁ᵀ", True),
    "square": ("the gradient of the squared norm", True),
    "half_square": ("the gradient of half the squared norm", True),
    "norm": ("the gradient of a norm is the unit vector", True),
    "norm1": ("the gradient of the sum of absolute values is their signs", True),
    "extreme": ("only the entry that is chosen counts", True),
    "larger": ("of each two only the chosen one counts", True),
    "peak": ("which entry is chosen does not change nearby", False),
    "greater": ("which of two is larger does not change nearby", False),
    "softmax": ("the Jacobian of softmax s is diag(s) − s sᵀ", False),
    "log_sum_exp": ("the gradient of log-sum-exp is softmax", False),
    ("cross_entropy", 0): ("the gradient of cross-entropy by the logits is softmax minus the targets", False),
    ("cross_entropy", 1): ("cross-entropy is linear in the targets, by which the gradient is minus log-softmax", False),
}
# For a part of a differential: how what it is made of goes to the other side, of a gradient and of a Jacobian.
COLLECTED = {
    "matmul": ("tr(A B) = tr(B A)", "vec(A X B) = (A ⊗ Bᵀ) vec(X)"),
    "hadamard": ("aᵀ (b ∘ c) = (a ∘ b)ᵀ c", "vec(A ∘ X) = diag(vec(A)) vec(X)"),
    "scale": ("a factor may stand anywhere", "a factor may stand anywhere"),
    "transpose": ("tr(Aᵀ) = tr(A)", "vec(Xᵀ) = K vec(X)"),
    "trace": ("tr(A) = tr(I A)", "tr(A) = vec(I)ᵀ vec(A)"),
    "diag": ("tr(Aᵀ diag(x)) = diagonal(A)ᵀ x", "vec(diag(x)) = Sᵀ x"),
    "diagonal": ("aᵀ diagonal(X) = tr(diag(a) X)", "diagonal(X) = S vec(X)"),
    "vec": ("vec(A)ᵀ vec(B) = tr(Aᵀ B)", "a new shape leaves the entries as they are"),
    "reshape": ("a new shape leaves the entries as they are", "a new shape leaves the entries as they are"),
    "lift": ("a new shape leaves the entries as they are", "a new shape leaves the entries as they are"),
    "part": ("what is not in the part is multiplied by 0", "what is not in the part is multiplied by 0"),
    "vstack": ("a block meets its own part of the gradient", "a block meets its own columns of the Jacobian"),
    "hstack": ("a block meets its own part of the gradient", "a block meets its own columns of the Jacobian"),
    "kron": ("each entry of A meets a block of A ⊗ B", "each entry of A meets a block of A ⊗ B"),
}
# By the numbers of axes of f and of x: what a differential says of the derivative (Magnus and Neudecker, table 9.1).
IDENTIFIED = {
    (0, 0): "{df} = a {dx} says that the derivative is a", (0, 1): "{df} = gᵀ {dx} says that the gradient is g",
    (0, 2): "{df} = tr(Gᵀ {dx}) says that the gradient is G", (1, 0): "{df} = a {dx} says that the derivative is a",
    (2, 0): "{df} = A {dx} says that the derivative is A", (1, 1): "{df} = A {dx} says that the Jacobian is A",
    (1, 2): "{df} = A vec({dx}) says that the Jacobian is A",
    (2, 1): "vec({df}) = A {dx} says that the Jacobian is A",
    (2, 2): "vec({df}) = A vec({dx}) says that the Jacobian is A",
}


LETTERS = {0: "stuvw", 1: "xyuvw", 2: "XYUVW"}      # by the number of axes


def reason(y: Expr, *ks: int) -> str:
    """Why the differential of y by its arguments ks is what it is. Raises MissingRule."""
    name = y.operation.name
    together = REASONS.get((name, None)) if len(ks) > 1 else None
    rows = [together] if together else [REASONS.get((name, k)) or REASONS.get(name) for k in ks]
    if None in rows:
        raise MissingRule(f"no reason for {name}: write its sentence in REASONS of jacobian/derivation/reasons.py")
    said = (f"{words}: {_formula(y, ks)}" if shown else words for words, shown in filter(None, rows))
    return "; ".join(dict.fromkeys(said))


def collecting(node: Expr, goal: Expr) -> str:
    """Why what stands in the node of a differential of the goal may go to the other side. Raises MissingRule."""
    if node.operation is NAMED:
        return f"put in {node}"
    row = COLLECTED.get(node.operation.name)
    if row is None:
        raise MissingRule(f"no reason for {node.operation.name} in a differential: "
                          "write its sentences in COLLECTED of jacobian/derivation/reasons.py")
    return row[goal.axes != SCALAR]


def identified(goal: Expr, x: Expr) -> str:
    """What is read off: df = gᵀ dx says that the gradient is g."""
    said = IDENTIFIED[len(goal.shape), len(x.shape)]
    return said.format(df=text(change_of(spoken(goal))), dx=text(change_of(x)))


def _formula(y: Expr, ks: tuple[int, ...]) -> str:
    """d(det(X)) = tr(adj(X) dX), as the row of the operation has it."""
    if y.operation is MAP:
        return _differential(MAP, (SCALAR,), y.data, SCALAR, ks)
    turned = slice(None, None, -1 if y.axes[0] is None != y.axes[1] else 1)         # of rows that of columns
    return _differential(y.operation, tuple(arg.axes[turned] for arg in y.args), y.data, y.axes[turned], ks)


@lru_cache(maxsize=1024)
def _differential(operation: Operation, axes: tuple[Axes, ...], data: Any, out: Axes, ks: tuple[int, ...]) -> str:
    args = [make(SYMBOL, data=Variable(LETTERS[sum(n is not None for n in at)][k % 5]), axes=at)
            for k, at in enumerate(axes)]
    y, moved = make(operation, args, data, out), changes(args)
    dy = pushed(y, tuple((k, moved[args[k]]) for k in ks))
    return text(equation(change_of(y), boxes(dy)))
