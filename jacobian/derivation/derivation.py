"""A derivation: the ordered, justified, checkable steps from an expression to its derivatives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from jacobian.algebra import Jacobian
from jacobian.derivation.check import Check, agree, verify
from jacobian.derivation.differential import changes, differential, labels
from jacobian.derivation.form import forms
from jacobian.derivation.lines import Line, read
from jacobian.derivation.step import Given, Step, given
from jacobian.derivation.variables import variables
from jacobian.derivation.views import view
from jacobian.derivation.views.view import Printed, stages
from jacobian.derivation.write import called, defined
from jacobian.errors import InputError
from jacobian.printing.boxes import Box
from jacobian.printing.notation import derivative
from jacobian.printing.numpy import compiled, source_of
from jacobian.printing.text import text
from jacobian.symbolic.differentiate import crossings, sweep
from jacobian.symbolic.elementwise import MAP
from jacobian.symbolic.expr import Expr, walk
from jacobian.symbolic.forward import along
from jacobian.symbolic.leaves import expression, name
from jacobian.symbolic.parse import Meaning

MACRON = "\u0304"       # h̄


@dataclass(frozen=True, eq=False, repr=False)
class Derivation:
    """∂goal/∂x for each x in `wrt`, numerator layout: steps, structured Jacobians, and the check of all of them.

    `steps` are all steps; `lines` those that a person writes down. `check(seed)` says whether every step holds;
    `text()` and `latex()` raise CheckFailed rather than print one that fails the quick part of it. A second derivative
    is the derivation of the gradient g; `first` is the one that led to g, and is checked and printed with it.
    """

    goal: Expr
    wrt: tuple[Expr, ...]
    steps: tuple[Step, ...]
    jacobians: Mapping[Expr, Jacobian]
    first: Derivation | None = None
    convention: str = "projection"

    @property
    def jacobian(self) -> Jacobian:
        """The structured Jacobian of vec goal by vec x, where there is one x."""
        return self.jacobians[self._only()]

    @property
    def value(self) -> Expr:
        """In matrix notation: the gradient, in the shape of x, of a scalar goal; else the Jacobian, size × size.

        By a scalar x it has the shape of the goal.
        """
        return self.value_by(self._only())

    def value_by(self, x: Expr) -> Expr:
        """The same for one of several variables."""
        return forms(self.jacobians[x], self.goal, x)[-1].value

    def _only(self) -> Expr:
        if len(self.wrt) != 1:
            raise InputError(f"this derivation is by {', '.join(map(str, self.wrt))}: ask value_by(x) or jacobians[x]")
        return self.wrt[0]

    def differential(self) -> Expr:
        """How the goal changes with its variables, dY = A dX B, in a symbol dX for each; of a scalar dJ = tr(Gᵀ dX).

        It is the same in every convention: dX is a change that keeps what is assumed of X.
        """
        jacobians = self.jacobians if self.convention == "projection" else sweep(self.goal, self.wrt)[0]
        return differential(self.goal, jacobians, changes(self.wrt))

    def along(self, v: Any) -> Expr:
        """J v, the derivative along v: how the goal changes where x moves in the direction v, in the goal's shape.

        Of a second derivative it is the Hessian times v, without the Hessian. A symmetric x moves by the symmetric
        part of v. Raises ShapeError where v has not the shape of x.
        """
        return along(self.goal, self._only(), v, self.convention)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The steps to be written down: those that only pass a gradient on are left out, names are put in."""
        return read(self.steps, self.wrt, self.goal)

    @property
    def means(self) -> tuple[Box, ...]:
        """∂f/∂x where the goal is the gradient of an f."""
        return (derivative(called(self.first.goal), self.first.wrt[0]),) if self.first else ()

    def named(self) -> dict[Expr, Box]:
        """What each named result and the goal is called, g = ∂f/∂x, in the order in which they are computed."""
        return defined(self.goal, *self.means)

    def check(self, seed: int = 0) -> Check:
        """Whether each step joins the one before, follows by its law, and agrees with numbers and with SymPy."""
        return self._found(verify, seed)

    def _found(self, tests: Callable[..., Check], seed: int = 0) -> Check:
        found = tests(self.goal, self.steps, self.jacobians, self.convention, seed)
        return found if self.first is None else self.first._found(tests, seed) + found

    def numpy(self) -> Callable[..., Any]:
        """The function of `source()`: of keyword arrays, and of sizes that they do not show."""
        return compiled(*source_of(self.goal, self.jacobians, "derivative"), "derivative", self.goal, *self.wrt)

    def source(self, name: str = "derivative") -> str:
        """The text of a NumPy function: the derivative by x, of shape goal.shape + x.shape; by several, a tuple."""
        return source_of(self.goal, self.jacobians, name)[0]

    def view(self, name: str = "steps", **options: Any) -> Printed:
        """The result in the notation of that name, to be printed: str(d.view("index")), d.view("kronecker").latex().

        "steps" and "matrix" take layout="numerator" or "denominator", "kronecker" that and stacking="rows" or
        "columns", "explicit" sizes={"n": 2}; "forward" (the steps by differentials), "differential", "index", "code"
        and "plain" (which `jac.parse` reads again) take nothing.
        """
        return view(self, name, options)

    def text(self, view: str = "steps", **options: Any) -> str:
        """In Unicode: definitions, then each line with its shape and reason; or another view."""
        return self.view(view, **options).text()

    def latex(self, view: str = "steps", **options: Any) -> str:
        """The lines, or another view, as an aligned display for amsmath."""
        return self.view(view, **options).latex()

    def mathml(self, view: str = "steps", **options: Any) -> str:
        """The lines, or another view, as a <math> element."""
        return self.view(view, **options).mathml()

    def typst(self, view: str = "steps", **options: Any) -> str:
        """The lines, or another view, as an aligned display, to stand between dollar signs."""
        return self.view(view, **options).typst()

    def checked(self) -> Derivation:
        """This derivation, after its check; raises CheckFailed if a step does not hold."""
        _check(self).require()
        return self

    def printable(self) -> Derivation:
        """The same after the part of the check that precedes each printing: all but SymPy, at one draw of sizes."""
        _agree(self).require()
        return self

    @property
    def limits(self) -> tuple[str, ...]:
        """In words, what was too large for one of the tests of its check."""
        return _check(self).limits

    def _repr_latex_(self) -> str | None:
        """In a notebook: the result, without steps."""
        return self.view("matrix")._repr_latex_()

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        slopes = ", ".join(text(derivative(called(self.goal), x)) for x in self.wrt)
        return f"<Derivation of {slopes}, {len(self.steps)} steps>"


_check = lru_cache(maxsize=256)(Derivation.check)


@lru_cache(maxsize=256)
def _agree(derivation: Derivation) -> Check:
    return derivation._found(agree)


def error_signal(node: Expr) -> str | None:
    """δ₂ for the gradient by a pre-activation z₂."""
    found = re.fullmatch(r"z(\d*)", node.label or "")
    return f"δ{found[1]}" if found else None


def adjoint(node: Expr) -> str:
    """h̄₂ for the gradient by a named result h₂, out_bar of out: Griewank and Walther (2008), chapter 3."""
    [(stem, index)] = re.findall(r"\A(.+?)(_?\d*)\Z", node.label or "")
    return f"{stem}{'_bar' if stem[1:] else MACRON}{index}"


def derive(f: Any, *by: Any, wrt: str | None = None, syntax: str | None = None, names: Mapping[str, str] | None = None,
           convention: str = "projection") -> Derivation:
    """∂f/∂x step by step; derive(f, x, x) is the second derivative, derive(f, (W, b)) that by several variables.

    f is an expression, x a symbol or a named intermediate result. Of a text f declarations stand second and the
    variables in words, "x", "x x" or "W, b": derive("norm2(A*x-b)^2", "A: m n, x: n", wrt="x"); see `parse`.
    Gradients of a scalar by a pre-activation named z₁, z₂, … are called δ₁, δ₂, …; one by a named result h at which
    several paths meet and part, as in a residual network, is called h̄; `names` says what others are called,
    {"h": "δ3"}. Raises MissingRule where an operation has no derivative, InputError where two different
    things have one name.
    Source of the method: Magnus and Neudecker (2019), chapter 5 (the chain rule).
    """
    if isinstance(f, str):
        if len(by) > 1:
            raise InputError('derive(text, "A: m n, x: n", wrt="x") takes one text of declarations')
        meaning = Meaning(f, by[0] if by else "", syntax)
        f = meaning.expression()
        by_turns = variables(wrt, f, {**meaning.declared.symbols, **meaning.symbols})
    elif wrt is not None or syntax is not None:
        raise InputError("wrt and syntax belong to a text: of an expression write derive(f, x)")
    elif not by:
        raise InputError("derive(f, x) needs a variable x to differentiate by")
    else:
        by_turns = [tuple(map(_variable, x if isinstance(x, (tuple, list)) else (x,))) for x in by]
    later = [x for targets in by_turns for x in targets]
    made: Derivation | None = None
    for targets in by_turns:
        goal = expression(f) if made is None else _gradient(made)
        rename = _rename(names or {}, goal, targets)
        jacobians, record = sweep(goal, targets, rename, later, convention)
        reached = {step.node for step in map(Step, record)}
        rest = [Given(goal, x, given(goal, x)) for x in targets if x not in reached]
        made = Derivation(goal, targets, tuple(map(Step, [*record, *rest])), jacobians, made, convention)
    return made  # type: ignore[return-value]


def _variable(x: Any) -> Expr:
    if not isinstance(x, Expr):
        raise InputError(f"a derivative is taken by a symbol such as jac.symbols('x: n')[0], but {x!r} was given")
    return x


def _rename(names: Mapping[str, str], goal: Expr, targets: tuple[Expr, ...]) -> Callable[[Expr], str | None]:
    """What the gradient by a node is called; nothing where that name is taken."""
    taken = labels(goal, *targets)

    def signal(node: Expr) -> str | None:
        return names.get(node.label or "") or error_signal(node)

    crossed = crossings(goal, targets, signal)

    def rename(node: Expr) -> str | None:
        word = signal(node) or (adjoint(node) if node in crossed else None)
        return None if word in taken else word

    return rename


def _gradient(d: Derivation) -> Expr:
    """The gradient by a name of its own, to be differentiated again."""
    value = d.value
    functions = {node.data.name.rstrip("′") for node in walk(value) if node.operation is MAP and node.data.abstract}
    taken = {*labels(value), *functions, *(stage.goal.label for stage in stages(d))}
    return value if value.label else name(next(word for word in ("g", "h", "gradient") if word not in taken), value)
