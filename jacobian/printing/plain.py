"""An expression as plain text that `jac.parse` reads again, in MATLAB's way of writing: a row for each operation.

`vector(1, n)`, `matrix(1, m, n)`, `norm2` and `normF` are words of matrix-calculus tools: MATLAB's own are read in two
ways, as its ones(n, 1) is a vector for some and its norm(A) is the spectral norm.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from jacobian.algebra.entries import Size
from jacobian.errors import MissingRule
from jacobian.printing.names import decimal
from jacobian.symbolic import elementwise
from jacobian.symbolic.expr import Expr, leaves, walk
from jacobian.symbolic.leaves import SCALAR, inserted, number, ones
from jacobian.symbolic.operations import coefficient, orient, scale, transpose

# How tightly a text holds together; a looser one inside a tighter one is put in brackets.
SUM, PRODUCT, POWER, ATOM = range(4)
Text = tuple[int, str]

PLAIN: dict[str, Callable[[Expr], Text]] = {}


def plain(*roots: Expr) -> str:
    """Statements for the named results, then the roots that have no name: "z1 = W*x + b", "norm2(z1)^2".

    Raises MissingRule where an operation has no word that is read.
    """
    nodes = walk(*roots)
    lines = [f"{node.label} = {written(node.args[0])}" for node in nodes if node.operation.name == "named"]
    return "\n".join([*lines, *(written(x) for x in roots if x.operation.name != "named")])


def declarations(*roots: Expr) -> str:
    """What is declared beside the text, symbols and functions without values: "W: m n, g: function"."""
    symbols = [f"{x.label}: {' '.join(map(str, (*x.shape, *x.assumptions)))}".rstrip() for x in leaves(*roots)]
    functions = {x.data.name for x in walk(*roots) if x.operation.name == "map" and x.data.abstract}
    return ", ".join([*symbols, *(f"{name}: function" for name in sorted(functions))])


def written(x: Expr, tightness: int = SUM) -> str:
    """The expression, in brackets if it is looser than `tightness`. Raises MissingRule."""
    row = PLAIN.get(x.operation.name)
    if row is None:
        raise MissingRule(f"{x.operation.name} has no word that is read: write its row in jacobian/printing/plain.py")
    return _bracketed(row(x), tightness)


def _bracketed(text: Text, tightness: int) -> str:
    loose, said = text
    return said if loose >= tightness else f"({said})"


def says(*operations: str) -> Callable[[Callable[[Expr], Text]], Callable[[Expr], Text]]:
    """Make the decorated function the row of these operations."""
    def put(row: Callable[[Expr], Text]) -> Callable[[Expr], Text]:
        PLAIN.update(dict.fromkeys(operations, row))
        return row

    return put


# ---- names, numbers and functions of one variable ------------------------------------------------------------------


PLAIN["symbol"] = PLAIN["named"] = lambda x: (ATOM, str(x.label))
PLAIN["number"] = lambda x: _formula(sp.sympify(x.data))

_WORDS: dict[type[sp.Function], str] = {
    sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.asin: "arcsin", sp.acos: "arccos",
    sp.atan: "arctan", sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.asinh: "arcsinh", sp.acosh: "arccosh",
    sp.atanh: "arctanh", sp.erf: "erf", sp.Abs: "abs", sp.sign: "sign",
}
_STRICT = (sp.StrictGreaterThan, sp.StrictLessThan)


def _formula(e: sp.Expr, x: Expr | None = None) -> Text:
    """A SymPy expression in sizes, or in X, which stands for each entry of x."""
    def inside(part: sp.Expr, tightness: int = SUM) -> str:
        return written(x, tightness) if x is not None and part == elementwise.X else \
            _bracketed(_formula(part, x), tightness)

    dot = "." if x is not None and x.axes != SCALAR and e.has(elementwise.X) else ""
    if e.is_Symbol or e is sp.pi or (e.is_Integer and e >= 0):
        return ATOM, inside(e) if e == elementwise.X else str(e)
    if e.is_Float and e >= 0:
        return ATOM, repr(float(e)).removesuffix(".0")
    if e is sp.E:
        return ATOM, "exp(1)"
    if e.as_coeff_Mul()[0].is_negative:
        return SUM, f"-{inside(-e, PRODUCT)}"
    if said := decimal(e):
        return ATOM, said
    over, under = e.as_numer_denom() if not e.is_Pow or e.exp.is_negative else (e, sp.Integer(1))
    if under != 1:
        return PRODUCT, f"{inside(over, PRODUCT)}{dot}/{inside(under, POWER)}"
    if e.is_Add:
        return SUM, " + ".join(inside(term, PRODUCT) for term in e.as_ordered_terms())
    if e.is_Mul:
        return PRODUCT, f"{dot}*".join(inside(factor, POWER) for factor in e.as_ordered_factors())
    if e.is_Pow and e.exp == sp.Rational(1, 2):
        return ATOM, f"sqrt({inside(e.base)})"
    if e.is_Pow:
        return POWER, f"{inside(e.base, ATOM)}{dot}^{inside(e.exp, ATOM)}"
    if e.func in _WORDS:
        return ATOM, f"{_WORDS[e.func]}({inside(e.args[0])})"
    if isinstance(e, sp.Piecewise) and isinstance(e.args[0].cond, (*_STRICT, sp.GreaterThan, sp.LessThan)):
        return _pieces(e, inside, dot)
    raise MissingRule(f"{e} has no word that is read: write one in _WORDS of jacobian/printing/plain.py")


def _pieces(e: sp.Piecewise, inside: Callable[..., str], dot: str) -> Text:
    """The first piece where its inequality holds, else the others: max(sign(x), 0) is 1 where x > 0, else 0."""
    (first, holds), others = e.args[0], sp.Piecewise(*e.args[1:])
    strict = isinstance(holds, _STRICT)
    over = holds.gts - holds.lts if strict else holds.lts - holds.gts
    positive = f"max(sign({inside(over)}), 0)"
    masks = (positive, f"(1 - {positive})")[::1 if strict else -1]
    terms = [on if (piece - 1).is_zero else f"{on}{dot}*{inside(piece, POWER)}"
             for on, piece in zip(masks, (first, others), strict=True) if not piece.is_zero]
    return SUM if len(terms) > 1 else ATOM if terms == [positive] else PRODUCT, " + ".join(terms)


_NAMED = {elementwise.LEAKY: "leaky_relu"} | {elementwise.TABLE[name]: word for name, word in [
    ("σ", "sigmoid"), ("ReLU", "relu"), ("ELU", "elu"), ("GELU", "gelu"), ("SiLU", "silu"),
    *((word, word) for word in (
        "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
        "arcsinh", "arccosh", "arctanh", "erf", "abs", "sign", "softplus"))]}


@says("map")
def _(x: Expr) -> Text:
    f, inside = x.data, x.args[0]
    if f.exponent is not None:
        return _power(inside, sp.sympify(f.exponent), "" if x.axes == SCALAR else ".")
    if f.abstract and not f.name.isidentifier():
        raise MissingRule(f"{f.name} is no name that is read")
    if f.abstract:
        return ATOM, f"{f.name}({written(inside)})"
    if f.name == elementwise.LEAKY.name and f is not elementwise.LEAKY:
        return SUM, written(elementwise.sloped(inside, -f.form.subs(elementwise.X, -1)))
    if f in _NAMED:
        return ATOM, f"{_NAMED[f]}({written(inside)})"
    return _formula(f.form, inside)


def _power(x: Expr, k: sp.Expr, dot: str) -> Text:
    if k == sp.Rational(1, 2):
        return ATOM, f"sqrt({written(x)})"
    if k.is_negative:
        return PRODUCT, f"1{dot}/{_bracketed(_power(x, -k, dot), POWER)}"
    if k == 1:
        return ATOM, written(x, ATOM)
    return POWER, f"{written(x, ATOM)}{dot}^{written(number(k), ATOM)}"


@says("power")
def _(x: Expr) -> Text:
    base, k = x.args
    if k.axes == SCALAR:
        return POWER, f"{written(base, ATOM)}{'' if x.axes == SCALAR else '.'}^{written(k, ATOM)}"
    return ATOM, f"exp({written(k, POWER)}.*log({written(base)}))"


# ---- sums and products ---------------------------------------------------------------------------------------------


@says("add")
def _(x: Expr) -> Text:
    said = ""
    for k, term in enumerate(x.args):
        c, body = coefficient(term)
        if k and c.could_extract_minus_sign():
            said += f" - {written(scale(number(-c), body), PRODUCT)}"
        else:
            said += f"{' + ' * bool(k)}{written(term, PRODUCT if k else SUM)}"
    return SUM, said


@says("scale")
def _(x: Expr) -> Text:
    c, body = coefficient(x)
    if c == 1:
        return PRODUCT, f"{written(x.args[0], POWER)}*{written(x.args[1], POWER)}"
    if c.could_extract_minus_sign():
        return SUM, f"-{written(scale(number(-c), body), PRODUCT)}"
    over, under = (written(number(part), POWER) for part in ((c, 1) if decimal(c) else c.as_numer_denom()))
    if body.operation.name == "hadamard" and body.axes != SCALAR:       # the signs of both go from left to right
        product = f"{over}*{written(body, POWER)}"
    else:
        product = f"{over}*{written(body, PRODUCT)}"
    product = written(body, POWER) if over == "1" else product
    return PRODUCT, product if under == "1" else f"{product}/{under}"


@says("hadamard")
def _(x: Expr) -> Text:
    return PRODUCT, ("*" if x.axes == SCALAR else ".*").join(written(factor, POWER) for factor in x.args)


PLAIN["matmul"] = lambda x: (PRODUCT, "*".join(written(factor, POWER) for factor in x.args))
PLAIN["transpose"] = lambda x: (POWER, f"{written(x.args[0], ATOM)}'")
PLAIN["matrix_power"] = lambda x: (POWER, f"{written(x.args[0], ATOM)}^{x.data}")


@says("kron")
def _(x: Expr) -> Text:
    """Of a row with a column the product; other rows are turned."""
    rows = [arg for arg in x.args if arg.axes[0] is None]
    columns = [arg for arg in x.args if arg.axes[1] is None]
    if rows and columns:
        return PRODUCT, f"{written(columns[0], POWER)}*{written(rows[0], POWER)}"
    if rows:
        return POWER, f"kron({', '.join(written(transpose(arg)) for arg in x.args)})'"
    return ATOM, f"kron({', '.join(map(written, x.args))})"


# ---- constants -----------------------------------------------------------------------------------------------------


def _size(n: Size) -> str:
    """m, 2, m + n, m*n*n."""
    n = sp.sympify(n)
    if n.is_Add:
        return " + ".join(map(_size, n.as_ordered_terms()))
    return "*".join(str(base) for base, k in n.as_powers_dict().items() for _ in range(k)) if n.free_symbols else str(n)


@says("ones", "zeros")
def _(x: Expr) -> Text:
    entry = "1" if x.operation.name == "ones" else "0"
    m, n = x.axes
    if m is None:
        return POWER, f"vector({entry}, {_size(n)})'"
    return ATOM, f"vector({entry}, {_size(m)})" if n is None else f"matrix({entry}, {_size(m)}, {_size(n)})"


PLAIN["eye"] = lambda x: (ATOM, f"eye({_size(x.axes[0])})")
PLAIN["tril"] = lambda x: (ATOM, f"tril({written(ones(*x.axes))})")

# ---- arrays in other axes, and of parts ----------------------------------------------------------------------------


@says("vec", "reshape", "lift")
def _(x: Expr) -> Text:
    """The size 1 is not read in reshape, where it means that there is no axis: kron with a matrix of one entry."""
    inside, (m, n) = x.args[0], x.axes
    if x.size == 1:
        entry = written(inside, POWER) if inside.axes == SCALAR else f"sum({written(inside)})"
        return (ATOM, entry) if x.axes == SCALAR else (PRODUCT, f"{entry}*{written(ones(m, n), POWER)}")
    column = written(orient(inside, (x.size, None))) if None in inside.axes else f"vec({written(inside)})"
    if 1 in x.axes:
        return (ATOM, f"kron(matrix(1, 1, 1), {column})") if n == 1 else (POWER, f"kron(matrix(1, 1, 1), {column})'")
    if None in x.axes:
        return (ATOM, column) if n is None else (POWER, f"{column}'")
    return ATOM, f"reshape({written(inside)}, {_size(m)}, {_size(n)})"


PLAIN["vstack"] = lambda x: (ATOM, f"[{'; '.join(map(written, x.args))}]")
PLAIN["insertion"] = lambda x: (ATOM, f"[{'; '.join(map(written, inserted(x)))}]")
PLAIN["hstack"] = lambda x: (ATOM, f"[{', '.join(map(written, x.args))}]")

# ---- functions of arrays -------------------------------------------------------------------------------------------


def _called(word: str) -> Callable[[Expr], Text]:
    return lambda x: (ATOM, f"{word}({', '.join(map(written, x.args))})")


for operation, word in {
    "diag": "diag", "diagonal": "diag", "trace": "tr", "det": "det", "logdet": "logdet", "inverse": "inv",
    "adjugate": "adj", "cholesky": "cholesky", "expm": "expm", "eigenvalues": "eig", "nuclear": "nuclear",
    "spectral": "spectral", "square": "sumsq", "half_square": "half_square", "norm1": "norm1", "softmax": "softmax",
    "log_sum_exp": "logsumexp",
}.items():
    PLAIN[operation] = _called(word)

PLAIN["norm"] = lambda x: _called("norm2" if None in x.args[0].axes else "normF")(x)
PLAIN["extreme"] = PLAIN["larger"] = lambda x: _called(x.data)(x)


@says("greater")
def _(x: Expr) -> Text:
    """1, ½ where both are equal, 0."""
    a, b = x.args
    return PRODUCT, f"(1 + sign({written(a)} - {written(b, PRODUCT)}))/2"


PLAIN["cross_entropy"] = _called("crossentropy")
PLAIN["onehot"] = lambda x: (ATOM, f"onehot({written(x.args[0])}, {_size(x.args[1].size)})")
