"""Source of elementwise functions: NumPy's own, those of the preamble, and what SymPy writes of a user's."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, ClassVar

import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from jacobian.errors import MissingRule
from jacobian.printing.numpy import preamble
from jacobian.printing.numpy.program import ATOM, POWER, PRODUCT, SIGN, SOURCE, Code, Program, Written, axes, written
from jacobian.symbolic import elementwise
from jacobian.symbolic.elementwise import Function
from jacobian.symbolic.expr import Expr, leaves

NUMPY = ("tanh", "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
         "arcsinh", "arccosh", "arctanh")
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
    constant = not code.covers & axes(x) and not leaves(x)
    if constant:                            # a function of a number is a number, without a type of its own
        code = Code(f"float({code})", covers=code.covers)
    if f.exponent is not None:
        done = power(code, abs(f.exponent))
    else:
        call = p.given(f) if f.abstract else CALLS.get(f) or _formula(f)
        done = Code(f"{call}({code})") if isinstance(call, str) else p.call(call, str(code))
        done = replace(done, covers=code.covers)
    if constant:
        done = Code(f"float({done})", covers=code.covers)
    return done if f.exponent is None or f.exponent > 0 else Code(f"1 / {done.at(SIGN)}", PRODUCT, covers=code.covers)


def power(code: Code, k: Any) -> Code:
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

    _kf: ClassVar[dict[str, str]] = {name: call.replace("numpy.", "np.") for name, call in NumPyPrinter._kf.items()}
    _kc: ClassVar[dict[str, str]] = {name: call.replace("numpy.", "np.") for name, call in NumPyPrinter._kc.items()}
    calls: ClassVar[dict[type, str]] = {sp.erf: "erf", sp.sign: "sign", sp.Abs: "absolute"}

    def _print_Piecewise(self, expr: Any) -> str:
        pieces = [(self._print(value), self._print(where)) for value, where in expr.args]
        text = pieces[-1][0] if expr.args[-1][1] == True else "np.nan"  # noqa: E712 (a SymPy truth value)
        for value, where in reversed(pieces[:-1] if expr.args[-1][1] == True else pieces):  # noqa: E712
            text = f"np.where({where}, {value}, {text})"
        return text

    def _print_Relational(self, expr: Any) -> str:
        return f"(np.real({self._print(expr.lhs)}) {expr.rel_op} np.real({self._print(expr.rhs)}))"


@cache
def _formula(f: Function) -> Written:
    """A helper that computes f from its SymPy form. Raises MissingRule where NumPy has no name for a part of it."""
    carried = [(kind, name) for kind, name in _Printer.calls.items() if f.form.has(kind)]
    form = f.form.replace(lambda e: type(e) in _Printer.calls, lambda e: sp.Function(_Printer.calls[type(e)])(*e.args))
    printer = _Printer({"allow_unknown_functions": True})
    text = printer.doprint(form)
    unknown = [e.func.__name__ for e in form.atoms(sp.Function)
               if e.func.__name__ not in printer.known_functions | dict.fromkeys(n for _, n in carried)
               and not hasattr(printer, f"_print_{e.func.__name__}")]
    if unknown or "math." in text or "Not supported" in text:
        raise MissingRule(f"{f.name} has no NumPy source for {', '.join(unknown) or text}: "
                          "write its row in CALLS of jacobian/printing/numpy/elementwise.py")
    return Written(f.name, str(f.form), text, tuple(name for _, name in carried))
