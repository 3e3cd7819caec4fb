"""The Jacobian of vec Y by vec X with the columns stacked, as MATLAB and Magnus and Neudecker have it.

vec by columns of X is vec by rows of Xᵀ, so that J_columns = K J_rows Kᵀ. It is written down by structure where J has
one: A ⊗ B becomes B ⊗ A, diag(vec X) is again diag(vec X), with the other vec, and a commutation stays one. Only what
has no structure keeps its commutations.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product

import sympy as sp

from jacobian.algebra.entries import Size, count
from jacobian.symbolic.arrays import kron
from jacobian.symbolic.expr import Axes, Expr, Operation, make, walk
from jacobian.symbolic.leaves import EYE, SCALAR, eye
from jacobian.symbolic.matrix import FRECHET
from jacobian.symbolic.operations import ADD, MATMUL, SCALE, add, diag, hadamard, matmul, rebuild, scale, transpose

VEC = Operation("vec by columns", "i j -> i ·", lambda y, x: x.T.reshape(-1, 1))
SLOPE = Operation("frechet by columns", "", lambda y, x: FRECHET.value(y, x.T))
COMMUTATION = Operation("commutation by columns", "", lambda y: None,
                        turn=lambda x, turn: commutation(*reversed(x.data)))
Structure = Callable[[Expr, Axes, Axes], "Expr | None"]
STRUCTURES: dict[str, Structure] = {}


def vec(x: Expr) -> Expr:
    """vec X, column after column; scalars in front."""
    if None in x.axes:
        return x
    return scale(x.args[0], vec(x.args[1])) if x.operation is SCALE else make(VEC, (x,), axes=(x.size, None))


def commutation(m: Size, n: Size) -> Expr:
    """K with vec(Xᵀ) = K vec(X) for X of shape (m, n), both by columns."""
    whole = count(m) * count(n)
    return eye(whole) if 1 in (count(m), count(n)) else make(COMMUTATION, data=(m, n), axes=(whole, whole))


def by_columns(J: Expr, out: Axes, into: Axes) -> Expr:
    """J, a Jacobian by rows from arrays with the axes `into` to arrays with the axes `out`, by columns."""
    found = _structured(J, out, into)
    return _between(J, out, into) if found is None else found


def _structured(J: Expr, out: Axes, into: Axes) -> Expr | None:
    """The same where it can be written without further commutations, else None."""
    if _flat(out) and _flat(into) and not _stacked(J):
        return J
    row = STRUCTURES.get(J.operation.name)
    return row(J, out, into) if row else None


def _stacked(J: Expr) -> bool:
    """Whether J speaks of a stacking."""
    return any(node.operation.name in ("vec", "commutation") for node in walk(J))


def structure(*operations: str) -> Callable[[Structure], Structure]:
    """Make the decorated function the row of operations."""
    def put(row: Structure) -> Structure:
        STRUCTURES.update(dict.fromkeys(operations, row))
        return row

    return put


def _between(J: Expr, out: Axes, into: Axes) -> Expr:
    """K J K, what is inside J said by columns too."""
    inside = {}
    for node in walk(J):
        if node.operation.name == "vec":
            inside[node] = vec(transpose(node.args[0]))
        elif node.operation.name == "commutation":
            inside[node] = commutation(*reversed(node.data))
    J = rebuild(J, inside)
    left = [] if J.axes[0] is None else [commutation(*reversed(out))]
    return matmul(*left, J, *([] if J.axes[1] is None else [commutation(*into)]))


def _same(a: Size, b: Size) -> bool:
    return bool(sp.expand(sp.sympify(count(a)) - count(b)) == 0)


def _flat(axes: Axes) -> bool:
    """Whether vec of arrays with these axes is the same by rows and by columns."""
    return 1 in map(count, axes)


@structure("add")
def _(J: Expr, out: Axes, into: Axes) -> Expr:
    return add(*(by_columns(term, out, into) for term in J.args))


@structure("scale")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    found = _structured(J.args[1], out, into)
    return None if found is None else scale(J.args[0], found)


@structure("transpose")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    found = _structured(J.args[0], into, out)
    return None if found is None else transpose(found)


@structure("ones", "zeros")
def _(J: Expr, out: Axes, into: Axes) -> Expr:
    return J


@structure("eye")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    return J if all(map(_same, out, into)) or (_flat(out) and _flat(into)) else None


@structure("selection")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    return J if _flat(out) and _same(into[0], J.data) else None


@structure("vec")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    return vec(J.args[0]) if all(map(_same, out, J.args[0].axes)) else None


@structure("diag")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    return diag(by_columns(J.args[0], out, (None, None))) if all(map(_same, out, into)) else None


@structure("hadamard")
def _(J: Expr, out: Axes, into: Axes) -> Expr:
    return hadamard(*(by_columns(factor, out, into) for factor in J.args))


@structure("commutation")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    return commutation(*J.data) if all(map(_same, into, J.data)) and all(map(_same, out, J.data[::-1])) else None


@structure("kron")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    """B ⊗ A of A ⊗ B, where a vector counts as one row or as one column."""
    a, b = J.args
    for rows, columns in product(_lying(out), _lying(into)):
        if all(map(_same, (*rows, *columns), (a.axes[0], b.axes[0], a.axes[1], b.axes[1]))):
            return kron(b, a)
    return None


def _lying(axes: Axes) -> tuple[Axes, ...]:
    return (axes, axes[::-1]) if _flat(axes) else (axes,)


@structure("frechet")
def _(J: Expr, out: Axes, into: Axes) -> Expr:
    """By columns L(X) is what L(Xᵀ) is by rows, since exp(Xᵀ) = exp(X)ᵀ."""
    return make(SLOPE, J.args, axes=J.axes)


@structure("matmul")
def _(J: Expr, out: Axes, into: Axes) -> Expr | None:
    """Each factor by itself, if the arrays between them have axes that two neighbours agree on."""
    spread = _spread(J.args[0])
    if spread is not None:
        (m, n), (p, q) = spread
        beside = _beside(matmul(*J.args[1:]), *spread, into)
        return None if beside is None else matmul(kron(kron(eye(n), commutation(q, m)), eye(p)), beside)
    between = [_axes_between(a, b) for a, b in pairwise(J.args)]
    known = [axes for axes in between if axes is not None]
    if len(known) < len(between):
        return None
    factors = [_structured(*each) for each in zip(J.args, [out, *known], [*known, into], strict=True)]
    found = [factor for factor in factors if factor is not None]
    return matmul(*found) if len(found) == len(factors) else None


def _spread(J: Expr) -> tuple[Axes, Axes] | None:
    """The axes of X and Y where J = I ⊗ K ⊗ I takes vec(X) ⊗ vec(Y) to vec(X ⊗ Y).

    Source, by rows and by columns: Magnus and Neudecker (2019), section 3.7.
    """
    if J.operation.name == "kron" and J.args[0].operation.name == "kron":
        (first, swap), last = J.args[0].args, J.args[1]
        if swap.operation.name == "commutation" and first.operation is last.operation is EYE:
            n, p = swap.data
            return (first.axes[0], n), (p, last.axes[0])
    return None


def _beside(J: Expr, x: Axes, y: Axes, into: Axes) -> Expr | None:
    """By columns a J that maps to vec(X) ⊗ vec(Y): one of them moves and the other is given, or a sum of such."""
    if J.operation is ADD:
        terms = [term for part in J.args if (term := _beside(part, x, y, into)) is not None]
        return add(*terms) if len(terms) == len(J.args) else None
    first, *others = J.args if J.operation is MATMUL else (J,)
    if first.operation.name != "kron" or all(factor.operation is not EYE for factor in first.args):
        return None
    sources = [axes if factor.operation is EYE else SCALAR for factor, axes in zip(first.args, (x, y), strict=True)]
    moved = next(axes for axes in sources if axes != SCALAR)
    rest = _structured(matmul(*others), moved, into) if others else eye(first.axes[1])
    parts = (by_columns(*each) for each in zip(first.args, (x, y), sources, strict=True))
    return None if rest is None else matmul(kron(*parts), rest)


def _axes_between(a: Expr, b: Expr) -> Axes | None:
    """The axes of the arrays that b maps to and a maps from."""
    return _from(transpose(b)) or _from(a)


def _from(J: Expr) -> Axes | None:
    """The axes of the arrays that J maps from, where its form says so."""
    if J.axes[1] is None:
        return (None, None)
    name, inside = J.operation.name, [arg for arg in J.args if arg.axes != (None, None)]
    if name == "kron":
        return J.args[0].axes[1], J.args[1].axes[1]
    if name == "commutation":
        return J.data
    if name == "transpose" and J.args[0].operation.name == "vec":
        return J.args[0].args[0].axes
    if name == "diag":
        return _from(transpose(J.args[0]))
    if name == "selection":
        return J.data, J.data
    if name == "matmul":
        return _from(J.args[-1])
    return next(filter(None, map(_from, inside)), None) if name in ("add", "scale", "hadamard") else None
