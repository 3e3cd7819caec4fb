"""A proof of an identity: rewrites that lead from one side to the other, each with its name.

The rewrites of `simplify` make an expression shorter; those here may make it longer. Both sides are rewritten until
they meet, whichever has led to fewer expressions first, so that the proof that is found is a short one.
Source of the identities: Magnus and Neudecker (2019), chapters 1 to 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from jacobian.symbolic.arrays import KRON, VEC, kron
from jacobian.symbolic.expr import Expr, Operation, Token, walk
from jacobian.symbolic.leaves import NAMED, SCALAR
from jacobian.symbolic.matrix import DET, INVERSE, TRACE, det, inverse, trace
from jacobian.symbolic.operations import ADD, HADAMARD, MATMUL, SCALE, add, hadamard, matmul, rebuild, scale, transpose
from jacobian.symbolic.reductions import SQUARE
from jacobian.symbolic.rewrites import REWRITES, Rewrite

MOST = 1200             # expressions that are tried
LONGER: dict[Operation, list[Rewrite]] = {}


@dataclass(frozen=True)
class Stated:
    """One side of the next equals sign, and the identity that leads to it from the one before."""

    value: Expr
    rule: Rewrite | None = None


def longer(operation: Operation, name: str, formula: str) -> Callable[..., None]:
    """Make the decorated function a row of the table."""
    def put(apply: Callable[[Expr], Expr | None]) -> None:
        LONGER.setdefault(operation, []).append(Rewrite(name, formula, operation, apply))

    return put


@dataclass
class Side:
    """What one side of an identity was rewritten to, in the order in which it was found: from what, and by what."""

    start: Expr
    found: dict[Token, tuple[Expr, Token | None, Rewrite | None]] = field(default_factory=dict)
    waiting: list[Expr] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.found[self.start.token] = self.start, None, None
        self.waiting.append(self.start)

    def advance(self) -> list[Token]:
        """Rewrite the next expression in every way; what is new."""
        x = self.waiting.pop(0)
        new = []
        for row, other in moves(x):
            if other.token not in self.found:
                self.found[other.token] = other, x.token, row
                self.waiting.append(other)
                new.append(other.token)
        return new

    def path(self, token: Token) -> list[tuple[Expr, Rewrite | None]]:
        """From the start to an expression, each with the identity that led to it."""
        steps = []
        at: Token | None = token
        while at is not None:
            x, at, row = self.found[at]
            steps.append((x, row))
        return steps[::-1]


def proof(a: Expr, b: Expr) -> list[Stated]:
    """a = … = b, each side with the identity that leads to it; nothing where no proof is found."""
    left, right = Side(a), Side(b)
    meets = a.token if a.token in right.found else None
    while meets is None and left.waiting + right.waiting and len(left.found) + len(right.found) < MOST:
        side, other = sorted((left, right), key=lambda side: (not side.waiting, len(side.found)))
        meets = next((token for token in side.advance() if token in other.found), None)
    if meets is None:
        return []
    forward, back = left.path(meets), right.path(meets)[::-1]
    return [*(Stated(x, row) for x, row in forward),
            *(Stated(after, row) for (_, row), (after, _) in pairwise(back))]


def moves(x: Expr) -> Iterator[tuple[Rewrite, Expr]]:
    """Everything that one identity makes of a part of the expression."""
    for node in walk(x, until=lambda part: part.operation is NAMED):
        for row in (*REWRITES.get(node.operation, ()), *LONGER.get(node.operation, ())):
            other = row.apply(node)
            if other is not None and other is not node and other.axes == node.axes:
                yield row, rebuild(x, {node: other})


# ---- identities that make an expression longer, or only another ----------------------------------------------------


@longer(TRACE, "the trace is cyclic", "tr(A B) = tr(B A)")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    return trace(matmul(*inside.args[1:], inside.args[0])) if inside.operation is MATMUL else None


@longer(TRACE, "the trace of a transpose", "tr(Aᵀ) = tr(A)")
def _(x: Expr) -> Expr | None:
    return trace(transpose(x.args[0]))


@longer(TRACE, "the trace is linear", "tr(A + B) = tr(A) + tr(B)")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    return add(*map(trace, inside.args)) if inside.operation is ADD else None


@longer(MATMUL, "a number is its own transpose", "aᵀ b = bᵀ a")
def _(x: Expr) -> Expr | None:
    return matmul(*map(transpose, reversed(x.args))) if x.axes == SCALAR else None


@longer(MATMUL, "the distributive law", "A (B + C) = A B + A C")
def _(x: Expr) -> Expr | None:
    return _distributed(x, matmul)


@longer(HADAMARD, "the distributive law", "a ∘ (b + c) = a ∘ b + a ∘ c")
def _(x: Expr) -> Expr | None:
    return _distributed(x, hadamard)


@longer(SCALE, "the distributive law", "s (A + B) = s A + s B")
def _(x: Expr) -> Expr | None:
    return _distributed(x, scale)


def _distributed(x: Expr, product: Callable[..., Expr]) -> Expr | None:
    """The product with the first sum among its factors taken apart."""
    for k, factor in enumerate(x.args):
        if factor.operation is ADD:
            return add(*(product(*x.args[:k], term, *x.args[k + 1:]) for term in factor.args))
    return None


@longer(SQUARE, "the squared norm", "‖x‖² = xᵀ x, ‖X‖² = tr(Xᵀ X)")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    column = transpose(inside) if inside.axes[0] is None else inside
    product = matmul(transpose(column), column)
    return product if None in column.axes else trace(product)


@longer(INVERSE, "the inverse of a product", "(A B)⁻¹ = B⁻¹ A⁻¹ of square matrices")
def _(x: Expr) -> Expr | None:
    return matmul(*map(inverse, reversed(x.args[0].args))) if _squares(x.args[0]) else None


@longer(DET, "the determinant of a product", "det(A B) = det(A) det(B) of square matrices")
def _(x: Expr) -> Expr | None:
    return hadamard(*map(det, x.args[0].args)) if _squares(x.args[0]) else None


def _squares(x: Expr) -> bool:
    return x.operation is MATMUL and all(factor.axes[0] == factor.axes[1] for factor in x.args)


@longer(MATMUL, "the mixed product", "(A ⊗ B) (C ⊗ D) = A C ⊗ B D")
def _(x: Expr) -> Expr | None:
    for k, (p, q) in enumerate(pairwise(x.args)):
        if p.operation is q.operation is KRON and all(
                a.axes[1] == b.axes[0] for a, b in zip(p.args, q.args, strict=False)):
            made = kron(*(matmul(a, b) for a, b in zip(p.args, q.args, strict=True)))
            return matmul(*x.args[:k], made, *x.args[k + 2:])
    return None


@longer(VEC, "the vec of an outer product", "vec(a bᵀ) = a ⊗ b")
def _(x: Expr) -> Expr | None:
    inside = x.args[0]
    outer = inside.operation is MATMUL and len(inside.args) == 2 and inside.args[0].axes[1] is None
    return kron(inside.args[0], transpose(inside.args[1])) if outer else None
