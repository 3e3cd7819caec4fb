"""Source of functions of whole arrays: transposes, stacks, norms, functions of matrices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jacobian.algebra.entries import count
from jacobian.printing.numpy import preamble
from jacobian.printing.numpy.products import COLUMN, dense, split
from jacobian.printing.numpy.program import ATOM, PRODUCT, SIGN, SOURCE, Code, Program, Row, written
from jacobian.symbolic.expr import Axes, Expr
from jacobian.symbolic.leaves import SCALAR


@written("transpose")
def _(p: Program, x: Expr) -> Code:
    code = p.code(x.args[0])
    turned = frozenset(1 - k for k in code.covers)
    if not turned:
        return code
    if code.covers == {1}:
        column = replace(code, view=COLUMN) if code.view == "{}" else Code(f"{code}[:, None]")
        return replace(column, covers=turned)
    if code.covers == {0}:
        bare = replace(code, view="{}")
        return replace(bare if code.view == COLUMN else Code(f"{code.at(ATOM)}[:, 0]"), covers=turned)
    return Code(code.text, code.tight, "{}.T") if code.view == "{}" else Code(f"{code}.T")


@written("lift")
def _(p: Program, x: Expr) -> Code:
    inside = x.args[0]
    code = p.full(inside)
    if inside.axes == SCALAR:
        return Code(f"np.reshape({code}, {p.shape(x.shape)})")
    return Code(f"{code.at(ATOM)}[:, None]" if inside.axes[0] is not None else f"{code.at(ATOM)}[None, :]")


@written("reshape")
def _(p: Program, x: Expr) -> Code:
    return Code(f"np.reshape({p.full(x.args[0])}, {p.shape(x.shape)})")


@written("kron")
def _(p: Program, x: Expr) -> Code:
    a, b = (_two_axes(p.full(arg), arg.axes) for arg in x.args)
    code = Code(f"np.kron({a}, {b})")
    return code if None not in x.axes else Code(f"{code}.reshape(-1)")


def _two_axes(code: Code, axes: Axes) -> str:
    """A vector as a matrix of one column or one row."""
    view = {(True, False): COLUMN, (False, True): "{}[None, :]"}.get((axes[0] is not None, axes[1] is not None), "{}")
    return view.format(code.at(ATOM))


@written("block")
def _(p: Program, x: Expr) -> Code:
    sizes = [tuple(map(count, arg.axes)) for arg in x.args]
    rows = []
    for i, arg in enumerate(x.args):
        row = [_two_axes(p.full(arg), arg.axes) if i == j else f"np.zeros({p.shape((sizes[i][0], n))}, {p.dtype()})"
               for j, (_, n) in enumerate(sizes)]
        rows.append(f"[{', '.join(row)}]")
    return Code(f"np.block([{', '.join(rows)}])")


@written("part")
def _(p: Program, x: Expr) -> Code:
    n, before = x.data
    end = p.size(before + count(n))
    return Code(f"{p.full(x.args[0]).at(ATOM)}[{p.size(before)}:{end}]" if n is not None
                else f"{p.full(x.args[0]).at(ATOM)}[{p.size(before)}]")


@written("vstack")
def _(p: Program, x: Expr) -> Code:
    if x.axes[1] is None:
        return Code(f"np.concatenate(({', '.join(_flat(p.full(arg), arg) for arg in x.args)}))")
    return Code(f"np.vstack(({', '.join(str(p.full(arg)) for arg in x.args)}))")


def _flat(code: Code, x: Expr) -> str:
    return f"np.reshape({code}, 1)" if x.axes == SCALAR else str(code)


@written("hstack")
def _(p: Program, x: Expr) -> Code:
    return Code(f"np.hstack(({', '.join(_two_axes(p.full(arg), arg.axes) for arg in x.args)}))")


@written("trace")
def _(p: Program, x: Expr) -> Code:
    inside = x.args[0]
    if inside.operation.name != "matmul":
        return Code(f"np.trace({p.full(inside)})")
    left, right = split(p, inside.args)
    return Code(f"np.einsum('ij,ji->', {dense(p, left)}, {dense(p, right)})")


@written("onehot")
def _(p: Program, x: Expr) -> Code:
    c, entries = x.args
    return Code(f"{p.call(preamble.onehot, str(p.code(c)), str(p.size(entries.size)))}.astype({p.dtype()})")


@written("extreme")
def _(p: Program, x: Expr) -> Code:
    code = p.full(x.args[0])
    return Code(f"np.{x.data}({code})")


@written("peak")
def _(p: Program, x: Expr) -> Code:
    array, again = p.full(x.args[0]), p.full(x.args[0])
    return p.call(preamble.peak, str(array), f"np.{x.data}({again})")


def _template(text: str) -> Row:
    """Whole arrays put into a template."""
    return lambda p, x: Code(text.format(*(p.full(arg) for arg in x.args), data=x.data))


def _helped(helper: Any, text: str = "{}") -> Row:
    """A call of a function that the source carries."""
    return lambda p, x: Code(text.format(p.call(helper, *(str(p.full(arg)) for arg in x.args))))


SOURCE.update({
    "vec": _template("np.reshape({}, -1)"), "diag": _template("np.diag({})"), "diagonal": _template("np.diagonal({})"),
    "square": lambda p, x: Code(f"np.sum({p.full(x.args[0]).at(ATOM)}**2)"),
    "half_square": lambda p, x: Code(f"np.sum({p.full(x.args[0]).at(ATOM)}**2) / 2", PRODUCT),
    "norm": _helped(preamble.norm), "norm1": _helped(preamble.absolute, "np.sum({})"),
    "softmax": _helped(preamble.softmax), "log_sum_exp": _helped(preamble.logsumexp),
    "cross_entropy": lambda p, x: Code(
        f"-np.sum({p.code(x.args[1]).at(PRODUCT)} * {p.call(preamble.log_softmax, str(p.full(x.args[0])))})", SIGN),
    "greater": _helped(preamble.greater),
    "larger": lambda p, x: Code(f"np.{x.data}imum({p.full(x.args[0])}, {p.full(x.args[1])})"),
    "inverse": _template("np.linalg.inv({})"), "det": _template("np.linalg.det({})"),
    "matrix_power": _template("np.linalg.matrix_power({}, {data})"), "logdet": _helped(preamble.logdet),
    "adjugate": _helped(preamble.adjugate), "cholesky": _helped(preamble.cholesky), "expm": _helped(preamble.expm),
    "frechet": _helped(preamble.frechet), "eigenvalues": _helped(preamble.eigenvalues),
    "eigenvectors": _helped(preamble.eigenvectors), "polar": _helped(preamble.polar),
    "leading": _helped(preamble.leading), "nuclear": _helped(preamble.singular_values, "np.sum({})"),
    "spectral": _helped(preamble.singular_values, "np.max({})"),
})
