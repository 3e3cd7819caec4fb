"""Expressions as NumPy source, by one row for each operation. What is shared and named is decided in `program`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from keyword import iskeyword
from typing import Any

import numpy as np
import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from jacobian.algebra import Jacobian
from jacobian.algebra.chain import bracketing
from jacobian.algebra.entries import Size, count
from jacobian.errors import InputError, MissingRule
from jacobian.printing import preamble
from jacobian.printing.einsum import derivative
from jacobian.printing.program import (
    ATOM,
    POWER,
    PRODUCT,
    SIGN,
    SOURCE,
    SUM,
    WHOLE,
    Code,
    Program,
    Row,
    Written,
    axes,
    function,
    literal,
)
from jacobian.symbolic import elementwise
from jacobian.symbolic.elementwise import MAP, Function, X
from jacobian.symbolic.evaluate import Binding, by_name
from jacobian.symbolic.expr import Axes, Expr, leaves, sizes_of
from jacobian.symbolic.matrix import INVERSE
from jacobian.symbolic.operations import DIAG, HADAMARD, ONES, SCALAR, TRANSPOSE, coefficient, expression


def written(operation: str) -> Callable[[Row], Row]:
    """Make the decorated function the source of an operation."""
    def add(row: Row) -> Row:
        SOURCE[operation] = row
        return row

    return add


# ---- leaves and names ------------------------------------------------------------------------------------------------

SOURCE["symbol"] = lambda p, x: Code(p.named(x))
SOURCE["named"] = lambda p, x: p.full(x.args[0])
SOURCE["ones"] = lambda p, x: Code("1", covers=frozenset())
SOURCE["zeros"] = lambda p, x: Code(f"np.zeros({p.shape(x.shape)}, {p.dtype()})")
SOURCE["eye"] = lambda p, x: Code(f"np.eye({p.size(x.axes[0])}, dtype={p.dtype()})")
SOURCE["tril"] = lambda p, x: Code(f"np.tri({p.size(x.axes[0])}, dtype={p.dtype()})")
SOURCE["permutation"] = lambda p, x: Code(f"np.eye({len(x.data)}, dtype={p.dtype()})[{list(x.data)}]")


@written("number")
def _(p: Program, x: Expr) -> Code:
    for n in x.data.free_symbols:
        p.size(n)
    return literal(x.data, p.named)


@written("commutation")
def _(p: Program, x: Expr) -> Code:
    m, n = (p.size(count(k)) for k in x.data)
    mn = p.size(x.axes[0])
    order = f"np.arange({mn}).reshape({m}, {n}).T.reshape(-1)"
    return Code(f"np.eye({mn}, dtype={p.dtype()})[{order}]")


@written("selection")
def _(p: Program, x: Expr) -> Code:
    return Code(f"np.eye({p.size(x.axes[1])}, dtype={p.dtype()})[::{p.size(x.axes[0])} + 1]")


@written("insertion")
def _(p: Program, x: Expr) -> Code:
    n, before, _ = x.data
    return Code(f"np.eye({p.size(x.axes[0])}, {p.size(count(n))}, -{p.size(before).at(ATOM)}, dtype={p.dtype()})")


# ---- sums and multiples ----------------------------------------------------------------------------------------------


@written("add")
def _(p: Program, x: Expr) -> Code:
    text, covers = "", frozenset[int]()
    for term in x.args:
        c, body = coefficient(term)
        minus = c.could_extract_minus_sign() and bool(text)
        code = _multiple(p, -c if minus else c, body)
        covers |= code.covers & axes(body)
        sign = (" - " if minus else " + ") if text else ""
        text += sign + code.at(PRODUCT)
    return Code(text, SUM, covers=_settled(covers, x))


def _settled(covers: frozenset[int], x: Expr) -> frozenset[int]:
    return WHOLE if covers >= axes(x) else covers


@written("scale")
def _(p: Program, x: Expr) -> Code:
    s, body = x.args
    c, rest = coefficient(x)
    return _multiple(p, c, rest) if rest is not x else _fraction(p, (*_scalars(s), body), x)


def _multiple(p: Program, c: Any, body: Expr) -> Code:
    """c times body for a number c: 2 * x, x / 3, -x."""
    code = p.code(body)
    for n in c.free_symbols:
        p.size(n)
    over, under = c.as_numer_denom() if c.free_symbols or c.is_Rational else (c, 1)
    if over == -1:
        code = Code(f"-{code.at(SIGN)}", SIGN, covers=code.covers)
    elif over != 1:
        code = _product(literal(over, p.named), code)
    if under == 1:
        return code
    return Code(f"{code.at(PRODUCT)} / {literal(under, p.named).at(SIGN)}", PRODUCT, covers=code.covers)


def _product(left: Code, right: Code) -> Code:
    """left * right, where a one is not written."""
    if right.text == "1":
        return replace(left, covers=right.covers)
    return Code(f"{left.at(PRODUCT)} * {right.at(SIGN)}", PRODUCT, covers=right.covers)


SOURCE["hadamard"] = lambda p, x: _fraction(p, x.args, x)


def _scalars(s: Expr) -> tuple[Expr, ...]:
    return s.args if s.operation is HADAMARD else (s,)


def _fraction(p: Program, factors: Sequence[Expr], x: Expr) -> Code:
    """The product of the factors, x; negative powers are written below the line."""
    above: list[Code] = []
    below: list[Code] = []
    found: list[frozenset[int]] = []
    for factor in factors:
        k = factor.data.exponent if factor.operation is MAP else None
        negative = k is not None and k < 0
        code = _power(p.code(factor.args[0]), -k) if negative else p.code(factor)
        (below if negative else above).append(code)
        found.append(code.covers & axes(factor))
    covers = frozenset[int]().union(*found)
    above = [code for code in above if code.text != "1"]
    text = " * ".join(code.at(PRODUCT if k == 0 else SIGN) for k, code in enumerate(above)) or "1"
    text += "".join(f" / {code.at(SIGN)}" for code in below)
    return Code(text, PRODUCT, covers=_settled(covers, x))


# ---- elementwise functions -------------------------------------------------------------------------------------------

NUMPY = "tanh exp log log1p expm1 sin cos tan arcsin arccos arctan sinh cosh arcsinh arccosh arctanh".split()
CALLS: dict[Function, Any] = {
    **{getattr(elementwise, name): f"np.{name}" for name in NUMPY},
    elementwise.relu: preamble.relu, elementwise.relu.prime(): preamble.step, elementwise.sigmoid: preamble.sigmoid,
    elementwise.erf: preamble.erf, elementwise.absolute: preamble.absolute, elementwise.sign: preamble.sign,
    elementwise.elu: preamble.elu, elementwise.normal: preamble.Phi, elementwise.density: preamble.phi,
    elementwise.gelu: preamble.gelu, elementwise.silu: preamble.silu, elementwise.softplus: preamble.softplus,
}


@written("map")
def _(p: Program, x: Expr) -> Code:
    code, f = p.code(x.args[0]), x.data
    if f.exponent is not None:
        power = _power(code, abs(f.exponent))
        if x.axes == SCALAR and not leaves(x):
            power = Code(f"float({power})")
        return power if f.exponent > 0 else Code(f"1 / {power.at(SIGN)}", PRODUCT, covers=code.covers)
    call = CALLS.get(f) or _formula(f)
    done = replace(Code(f"{call}({code})") if isinstance(call, str) else p.call(call, str(code)), covers=code.covers)
    return done if x.axes != SCALAR or leaves(x) else Code(f"float({done})")     # a number has no type of its own


def _power(code: Code, k: Any) -> Code:
    """x**k for k > 0."""
    if k == 1:
        return code
    if k == sp.Rational(1, 2):
        return Code(f"np.sqrt({code})", covers=code.covers)
    exponent = str(k) if k.is_Integer else repr(float(k))
    return Code(f"{code.at(ATOM)}**{exponent}", POWER, covers=code.covers)


SOURCE["power"] = lambda p, x: Code(f"{p.full(x.args[0]).at(ATOM)}**{p.code(x.args[1]).at(ATOM)}", POWER)


class _Printer(NumPyPrinter):
    """SymPy's own, with np for numpy and pieces that look at real parts."""

    _kf = {name: call.replace("numpy.", "np.") for name, call in NumPyPrinter._kf.items()}
    _kc = {name: call.replace("numpy.", "np.") for name, call in NumPyPrinter._kc.items()}
    calls: dict[type, str] = {sp.erf: "erf", sp.sign: "sign", sp.Abs: "absolute"}

    def _print_Piecewise(self, expr: Any) -> str:
        pieces = [(self._print(value), self._print(where)) for value, where in expr.args]
        text = pieces[-1][0] if expr.args[-1][1] == True else "np.nan"  # noqa: E712 (a SymPy truth value)
        for value, where in reversed(pieces[:-1] if expr.args[-1][1] == True else pieces):  # noqa: E712
            text = f"np.where({where}, {value}, {text})"
        return text

    def _print_Relational(self, expr: Any) -> str:
        return f"(np.real({self._print(expr.lhs)}) {expr.rel_op} np.real({self._print(expr.rhs)}))"


@lru_cache(maxsize=None)
def _formula(f: Function) -> Written:
    """A helper that computes f from its SymPy form. Raises MissingRule where NumPy has no name for a part of it."""
    if f.abstract:
        raise InputError(f"{f.name} is an abstract function and has no values: "
                         f'use jac.elementwise("{f.name}", …) with a SymPy expression in one variable')
    carried = [(kind, name) for kind, name in _Printer.calls.items() if f.form.has(kind)]
    form = f.form.replace(lambda e: type(e) in _Printer.calls, lambda e: sp.Function(_Printer.calls[type(e)])(*e.args))
    printer = _Printer({"allow_unknown_functions": True})
    text = printer.doprint(form)
    unknown = [e.func.__name__ for e in form.atoms(sp.Function)
               if e.func.__name__ not in printer.known_functions | dict.fromkeys(n for _, n in carried)
               and not hasattr(printer, f"_print_{e.func.__name__}")]
    if unknown or "math." in text or "Not supported" in text:
        raise MissingRule(f"{f.name} has no NumPy source for {', '.join(unknown) or text}: "
                          "write its row in CALLS of jacobian/printing/numpy.py")
    return Written(f.name, str(f.form), text, tuple(name for _, name in carried))


# ---- matrix products -------------------------------------------------------------------------------------------------

_COLUMN = "{}[:, None]"
STAND_IN = 64       # for a symbolic size, when the cheapest order of a product is looked for


@dataclass(frozen=True)
class Operand:
    """A factor of a product: its code, or that of d in diag(d), of A in A⁻¹; nothing of ones."""

    axes: Axes
    code: Code
    kind: str = "array"


def _operand(p: Program, x: Expr) -> Operand:
    if x.operation is ONES:
        return Operand(x.axes, Code("1"), "ones")
    if x.operation is DIAG:
        return Operand(x.axes, p.full(x.args[0]), "diag")
    if x.operation is INVERSE:
        return Operand(x.axes, p.full(x.args[0]), "inverse")
    if x.operation is TRANSPOSE and x.args[0].operation is INVERSE:
        return Operand(x.axes, _transposed(p.full(x.args[0].args[0])), "inverse")
    return Operand(x.axes, p.full(x))


def _transposed(code: Code) -> Code:
    if code.view == "{}.T":
        return replace(code, view="{}")
    return replace(code, view="{}.T") if code.view == "{}" else Code(code.at(ATOM) + ".T")


def _dense(p: Program, x: Operand) -> Code:
    """The array of a factor."""
    if x.kind == "ones":
        return Code(f"np.ones({p.shape(n for n in x.axes if n is not None)}, {p.dtype()})")
    return {"diag": Code(f"np.diag({x.code})"), "inverse": Code(f"np.linalg.inv({x.code})")}.get(x.kind) or x.code


def _multiply(p: Program, a: Operand, b: Operand) -> Operand:
    """a b, by the cheapest call."""
    whole = a.axes[0], b.axes[1]
    kind, code = "array", None
    row, column = a.axes[0] is None, b.axes[1] is None
    if a.kind == b.kind == "diag":
        kind, code = "diag", Code(f"{a.code.at(PRODUCT)} * {b.code.at(SIGN)}", PRODUCT)
    elif a.kind == "diag":
        d = a.code.at(PRODUCT) if column else f"{a.code.at(ATOM)}[:, None]"
        code = Code(f"{d} * {_dense(p, b).at(SIGN)}", PRODUCT)
    elif b.kind == "diag":
        code = Code(f"{_dense(p, a).at(PRODUCT)} * {b.code.at(SIGN)}", PRODUCT)
    elif a.kind == "inverse":
        code = Code(f"np.linalg.solve({a.code}, {_dense(p, b)})")
    elif b.kind == "inverse":
        left = _dense(p, a) if row else _transposed(_dense(p, a))
        code = Code(f"np.linalg.solve({_transposed(b.code)}, {left})", view="{}" if row else "{}.T")
    elif b.kind == "ones" and a.axes[1] is not None and a.kind != "ones":
        sums = Code(f"{a.code.at(ATOM)}.sum({'' if row else 'axis=1'})")
        code = sums if column else replace(sums, view=_COLUMN, covers=frozenset((0,)))
    elif a.kind == "ones" and a.axes[1] is not None and b.kind != "ones":
        sums = Code(f"{b.code.at(ATOM)}.sum({'' if column else 'axis=0'})")
        code = sums if row else replace(sums, covers=frozenset((1,)))
    elif b.kind == "ones" and a.axes[1] is None:
        code = replace(_dense(p, a), view=_COLUMN, covers=frozenset((0,)))
    elif a.kind == "ones" and a.axes[1] is None:
        code = replace(_dense(p, b), covers=frozenset((1,)))
    elif a.axes[1] is None:
        code = Code(f"np.outer({_dense(p, a)}, {_dense(p, b)})")
    else:
        code = Code(f"{_dense(p, a).at(PRODUCT)} @ {_dense(p, b).at(SIGN)}", PRODUCT)
    return Operand(whole, code if kind == "diag" else _spread(p, code, whole), kind)


def _spread(p: Program, code: Code, axes: Axes) -> Code:
    """Only where two axes remain is a vector of sums one that stands for a matrix."""
    return code if None not in axes else replace(code, view=code.view.replace(_COLUMN, "{}"), covers=WHOLE)


def _filled(p: Program, x: Operand) -> Operand:
    """A factor that is multiplied again is an array of its own."""
    if x.kind != "array" or x.code.covers == WHOLE:
        return x
    return replace(x, code=Code(f"np.full({p.shape(n for n in x.axes if n is not None)}, {x.code}, {p.dtype()})"))


def _chain(p: Program, factors: Sequence[Expr]) -> tuple[list[Operand], Any]:
    """The factors, and after which of them each stretch is divided."""
    found = [_operand(p, x) for x in factors]
    if len(found) < 3:
        return found, {(0, len(found) - 1): 0}
    sizes = [_stand_in(n) for n in (*(x.axes[0] for x in found), found[-1].axes[1])]
    stored, rows, columns = np.zeros((3, len(found), len(found)))
    for i in range(len(found)):
        for j in range(i, len(found)):
            thin = all(x.kind == "diag" for x in found[i:j + 1])
            m, n = (1, 1) if thin else (sizes[i], sizes[j + 1])
            rows[i, j], columns[i, j], stored[i, j] = m, n, sizes[i] if thin else m * n
    return found, bracketing(stored, rows, columns)[1]


@lru_cache(maxsize=4096)
def _stand_in(n: Size) -> int:
    n = sp.sympify(count(n))
    return int(n.subs(dict.fromkeys(n.free_symbols, STAND_IN)))


def _composed(p: Program, found: list[Operand], at: Any, i: int, j: int) -> Operand:
    if i == j:
        return found[i]
    left, right = _composed(p, found, at, i, at[i, j]), _composed(p, found, at, at[i, j] + 1, j)
    return _multiply(p, _filled(p, left), _filled(p, right))


def split(p: Program, factors: Sequence[Expr]) -> tuple[Operand, Operand]:
    """The two halves of a product, each composed."""
    found, at = _chain(p, factors)
    k = at[0, len(found) - 1]
    return _filled(p, _composed(p, found, at, 0, k)), _filled(p, _composed(p, found, at, k + 1, len(found) - 1))


@written("matmul")
def _(p: Program, x: Expr) -> Code:
    ends = x.args[0].operation, x.args[-1].operation
    if ends == (ONES, ONES) and x.axes == SCALAR and len(x.args) == 3:
        return Code(f"{p.full(x.args[1]).at(ATOM)}.sum()")
    found, at = _chain(p, x.args)
    whole = _composed(p, found, at, 0, len(found) - 1)
    return _dense(p, whole) if whole.kind != "array" else whole.code


# ---- whole arrays ----------------------------------------------------------------------------------------------------


@written("transpose")
def _(p: Program, x: Expr) -> Code:
    code = p.code(x.args[0])
    turned = frozenset(1 - k for k in code.covers)
    if not turned:
        return code
    if code.covers == {1}:
        return replace(code, view=_COLUMN, covers=turned) if code.view == "{}" else Code(f"{code}[:, None]", covers=turned)
    if code.covers == {0}:
        bare = replace(code, view="{}")
        return replace(bare if code.view == _COLUMN else Code(f"{code.at(ATOM)}[:, 0]"), covers=turned)
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
    view = {(True, False): _COLUMN, (False, True): "{}[None, :]"}.get((axes[0] is not None, axes[1] is not None), "{}")
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
    return Code(f"np.einsum('ij,ji->', {_dense(p, left)}, {_dense(p, right)})")


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


# ---- functions -------------------------------------------------------------------------------------------------------


def source(f: Any, name: str = "f") -> str:
    """The text of a Python function of keyword arrays, by the names of the symbols, that computes the expression."""
    f = expression(f)
    return function(_identifier(name), [f], [lambda p: p.full(f)], f"{name} = {f}")[0]


def source_of(goal: Expr, jacobians: Mapping[Expr, Jacobian], name: str) -> tuple[str, dict[str, Any]]:
    """That of ∂goal/∂x for each x, of shape goal.shape + x.shape; and what each argument of the function stands for."""
    called, said = (goal.label, "") if goal.label else ("f", f" of f = {goal}")
    results = [lambda p, x=x, J=J: derivative(p, J, goal.shape, x) for x, J in jacobians.items()]
    title = ", ".join(f"∂{called}/∂{x}" for x in jacobians) + said
    return function(_identifier(name), [goal, *jacobians], results, title)


def _identifier(name: str) -> str:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise InputError(f"a Python function is called by a name such as 'f', but {name!r} was given")
    return name


def compiled(text: str, arguments: Mapping[str, Any], name: str, *roots: Expr) -> Callable[..., Any]:
    """The function of a source, which says in words what is missing or does not fit; integers are taken as floats."""
    space: dict[str, Any] = {}
    exec(compile(text, f"<{name}>", "exec"), space)
    names = {str(n) for n in sizes_of(*roots)} - {str(x.label) for x in leaves(*roots)}

    def call(sizes: Mapping[str, int] | None = None, /, **values: Any) -> Any:
        known = dict(sizes or {}) | {key: values.pop(key) for key in names & values.keys()}
        bind = Binding(by_name(values, *roots), known)
        given = {word: bind.natural(key) if isinstance(key, Expr) else bind.size(key) for word, key in arguments.items()}
        with np.errstate(all="ignore"):
            found = space[name](**given)
        return tuple(map(np.array, found)) if isinstance(found, tuple) else np.array(found)

    call.__name__, call.__doc__ = name, space[name].__doc__
    return call
