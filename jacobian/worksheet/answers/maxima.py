"""A formula as a student types it in Maxima: W . x is the matrix product, a*b goes entry by entry.

The other words are those of `WORDS` and the names of elementwise functions. Source: the manual of Maxima,
https://maxima.sourceforge.io/docs/manual/, Operators.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp
from sympy.printing.str import StrPrinter

from jacobian.errors import MissingRule
from jacobian.symbolic.elementwise import Function, X
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.text.names import canonical
from jacobian.worksheet.answers.text.words import MAPS
from jacobian.worksheet.answers.values.value import Value

# How tightly a formula holds together; a looser one inside a tighter one is put in brackets.
SUM, PRODUCT, DOT, POWER, ATOM = range(5)
OPERATORS = {"+": (SUM, " + ", SUM, SUM), "-": (SUM, " - ", SUM, PRODUCT), "times": (PRODUCT, "*", PRODUCT, PRODUCT),
             "/": (PRODUCT, "/", PRODUCT, DOT), "product": (DOT, " . ", DOT, DOT), "power": (POWER, "^", ATOM, ATOM)}
WORDS = {"turn": "transpose", "diag": "diagonal", "eye": "eye", "ones": "ones", "inv": "inv", "norm": "norm",
         "sum": "total", "trace": "trace", "det": "det", "vec": "vec", "kron": "kron", "softmax": "softmax"}
NATIVE = {"exp", "log", "sqrt", "abs", "tanh"}
SPELLED = {f.name: word for word, f in reversed(MAPS.items()) if word.isascii() and word.islower()}


def word(f: Function) -> str:
    """sigmoid of σ, drelu of ReLU′: what is typed for a function."""
    plain = f.name.replace("′", "")
    return "d" * f.name.count("′") + SPELLED.get(plain, canonical(plain))


def maxima(tree: Node, values: Mapping[Node, Value]) -> str:
    """The formula of a tree in which nothing is left open; `values` are those of its nodes. Raises MissingRule."""
    return _written(tree, values)[1]


def _written(node: Node, values: Mapping[Node, Value]) -> tuple[int, str]:
    parts = [_written(arg, values) for arg in node.args]
    kind = node.kind
    if kind == "product" and any(values[arg].scalar for arg in node.args):
        kind = "times"
    if kind in OPERATORS:
        loose, sign, left, right = OPERATORS[kind]
        return loose, sign.join(_held(part, limit) for part, limit in zip(parts, (left, right), strict=True))
    match kind:
        case "number":
            exact = sp.nsimplify(node.data, rational=True)
            return (ATOM if exact.is_Integer and exact >= 0 else SUM), str(exact)
        case "name":
            return ATOM, canonical(node.data)
        case "neg":
            return SUM, f"-{_held(parts[0], PRODUCT)}"
        case "compare" if node.data in "<>":
            return SUM, f"{_held(parts[0], PRODUCT)} {node.data} {_held(parts[1], PRODUCT)}"
        case "map" if not node.data.abstract:
            return ATOM, f"{word(node.data)}({parts[0][1]})"
        case _ if kind in WORDS and node.data is None and parts:
            return ATOM, f"{WORDS[kind]}({', '.join(text for _, text in parts)})"
    raise MissingRule(f"{kind} is not written in Maxima: write its row in jacobian/worksheet/answers/maxima.py")


def _held(part: tuple[int, str], limit: int) -> str:
    loose, text = part
    return text if loose >= limit else f"({text})"


class _Maxima(StrPrinter):
    """A SymPy expression in one variable; pieces are written as conditions."""

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        return f"(({self._print(expr.base)})^({self._print(expr.exp)}))"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        *cases, (last, _) = expr.args
        ends = "".join(f"if {self._print(holds)} then {self._print(piece)} else" for piece, holds in cases)
        return f"({ends} {self._print(last)})"

    def _print_Abs(self, expr: sp.Abs) -> str:
        return f"abs({self._print(expr.args[0])})"

    def _print_Heaviside(self, expr: sp.Heaviside) -> str:
        return f"(if {self._print(expr.args[0])} > 0 then 1 else 0)"

    def _print_sign(self, expr: sp.sign) -> str:
        return f"signum({self._print(expr.args[0])})"

    def _print_Max(self, expr: sp.Max) -> str:
        return f"max({', '.join(map(self._print, expr.args))})"

    def _print_Min(self, expr: sp.Min) -> str:
        return f"min({', '.join(map(self._print, expr.args))})"

    def _print_Pi(self, expr: sp.Expr) -> str:
        return "%pi"

    def _print_Exp1(self, expr: sp.Expr) -> str:
        return "%e"


def named(functions: Iterable[Function]) -> str:
    """jac_named(o, a): the value of the function that is called o, of the numbers a; false where there is none."""
    forms = {word(f): _Maxima().doprint(f.form.subs(X, sp.Symbol("s"))) for f in functions}
    rows = "".join(f"if o = '{name} then jac_each(lambda([s], float({form})), a) else" for name, form in forms.items())
    return f"jac_named(o, a) := {rows} false;"
