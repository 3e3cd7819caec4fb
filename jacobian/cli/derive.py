"""jacobian derive FORMULA: the derivative of a function that is written as text."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable

from jacobian.cli.terminal import show
from jacobian.command import Parser
from jacobian.derivation.check import CheckFailed
from jacobian.derivation.derivation import Derivation, derive
from jacobian.derivation.layout import LAYOUTS, laid, said
from jacobian.derivation.views import VIEWS
from jacobian.derivation.views.kronecker import STACKINGS
from jacobian.derivation.views.view import Printed, stages
from jacobian.derivation.write import called, declared, extent, program
from jacobian.errors import InputError
from jacobian.printing.notation import derivative
from jacobian.printing.text import text

HELP = "derive a function that is written as text"
DESCRIPTION = """Derive a function that is written as text, in MATLAB's way (A*x, x', .*, .^) or in NumPy's
(A @ x, x.T, *, **). Capitals are matrices, late small letters vectors, others scalars; sizes
follow from the use, and all of it is shown. Intermediate results may have names: z = W*x; ..."""
EXAMPLES = """examples:
  jacobian derive "norm2(A*x-b)^2" --wrt x
  jacobian derive "x'*A*x" --wrt x --shapes "A: n n symmetric" --steps
  jacobian derive "x'*A*x + exp(c*sum(x))" --wrt "x x"
  jacobian derive "logdet(X)" --shapes "X: n n posdef"
  jacobian derive "A*X*B" --wrt X --view kronecker --stacking columns
  jacobian derive "trace(X'*A*X)" --wrt X --view index
  jacobian derive "sum(g(A*x))" --wrt x --shapes "g: function" --view differential
  jacobian derive "cross_entropy(W*x + b, t)" --wrt "W, b" --shapes "t: m onehot" --check
  jacobian derive "z = W*x; a = tanh(z); 0.5*norm2(a-t)^2" --wrt z --to latex
  jacobian derive "np.sum(np.exp(X @ w))" --wrt w --to python
"""
# How the result is printed in each notation, ready to be pasted or run.
NOTATIONS: dict[str, Callable[[Printed], str]] = {
    "text": lambda view: view.text(),
    "latex": lambda view: "\\[\n" + view.latex().replace(r" \\ ", " \\\\\n") + "\n\\]",
    "typst": lambda view: f"$ {view.typst()} $",
    "mathml": lambda view: view.mathml(),
    "plain": lambda view: view.text(),
    "python": lambda view: view.text().rstrip(),
}
ALONE = {"python": "code", "plain": "plain"}        # notations of one view, which has no other
LARGEST = 20        # of the sizes at which entries are written
CHECKED = "Checked by its laws, by complex steps and by SymPy entry by entry"
# Options of views, by what `view` calls them.
OPTIONS = {"layout": "layout", "stacking": "stacking", "at": "sizes"}


def arguments(parser: Parser) -> None:
    """What is understood after `jacobian derive`."""
    add = parser.add_argument
    add("formula", metavar="FORMULA", type=str.strip, help="the function")
    add("--wrt", metavar="X", help='by what: "x", "W, b" by both at once, "x x" twice; symbols or named results '
                                   "(default: the only variable)")
    add("--order", type=int, choices=(1, 2), default=1, help="2 for the second derivative")
    add("--shapes", default="", metavar="TEXT", help='sizes and assumptions, "A: n n symmetric, t: m onehot, c:"; '
                                                     'functions without values, "g: function"')
    add("--syntax", choices=("matlab", "numpy"), help="how the formula is read (default: as its signs say)")
    add("--view", choices=VIEWS, metavar="VIEW", help=f"{', '.join(VIEWS)}: how the result is written (default matrix)")
    add("--steps", action="store_true", help="the derivation step by step, each with its reason")
    add("--layout", choices=[word for word in LAYOUTS if word],
        help="how a derivative lies (default: gradients as their variable, Jacobians in numerator layout)")
    add("--stacking", choices=STACKINGS, help="what vec stacks in the view kronecker (default rows)")
    add("--at", type=_sizes, metavar="SIZES", help='sizes for the view explicit, "m=2, n=3"')
    add("--to", choices=NOTATIONS, default="text",
        help="text, or only LaTeX, Typst, MathML, Python or plain text that is read again, for a file")
    add("--check", action="store_true", help="say what was checked, and at which sizes")


def run(options: argparse.Namespace) -> int:
    """Derive and print. A derivation that fails its check is not printed, and the status is 1."""
    wrt = options.wrt
    if options.order > 1:
        wrt = wrt or str(derive(options.formula, options.shapes, syntax=options.syntax).wrt[0].label)
        wrt = " ".join([wrt] * options.order)
    derivation = derive(options.formula, options.shapes, wrt=wrt, syntax=options.syntax)
    given = {name: getattr(options, word) for word, name in OPTIONS.items() if getattr(options, word) is not None}
    try:
        pieces = [NOTATIONS[options.to](derivation.view(view, **given)) for view in _views(options)]
        checked = f"{CHECKED}: {derivation.check().require()}." if options.check else ""
    except CheckFailed as error:
        print(f"jacobian: {error}", file=sys.stderr)
        return 1
    if options.to == "text" and options.view not in ALONE.values():
        pieces[0] = _with_shapes(pieces[0], derivation, options.layout)
        if _views(options) == ["steps"] and not options.layout:
            pieces.append(said(None, derivation.goal, *derivation.wrt))
        show("\n\n".join(filter(None, [*pieces, checked])))
    else:
        print("\n\n".join(pieces))
        if checked:
            print(checked, file=sys.stderr)
    return 0


def _views(options: argparse.Namespace) -> list[str]:
    """The views to be printed. Raises InputError where notation and view exclude each other."""
    alone = ALONE.get(options.to)
    if alone:
        if options.view not in (None, alone) or options.steps:
            raise InputError(f"--to {options.to} prints the view {alone}: leave out --view and --steps")
        return [alone]
    if options.view in ALONE.values() and options.to != "text":
        raise InputError(f"--view {options.view} is text and has no {options.to}: leave out --to")
    return [*(["steps"] if options.steps else ()), *([options.view] if options.view else ())] or ["matrix"]


def _with_shapes(whole: str, derivation: Derivation, layout: str | None) -> str:
    """The text with the shapes of what stands in it, after its first lines."""
    head, blank, rest = whole.partition("\n\n")
    goal = derivation.goal
    slopes = (f"{text(derivative(called(goal), x))}: {text(extent(laid(derivation.value_by(x), goal, layout)))}"
              for x in derivation.wrt)
    symbols = declared(*program(stages(derivation)[0].goal), *derivation.wrt)
    return f"{head}\nwith {symbols}; {', '.join(slopes)}{blank}{rest}"


def _sizes(text: str) -> dict[str, int]:
    """The sizes of "m=2, n=3"."""
    pairs = [re.fullmatch(r"\s*(\w+)\s*=\s*(\d+)\s*", part) for part in text.split(",")]
    found = {pair[1]: int(pair[2][:4]) for pair in pairs if pair}
    if None in pairs or not all(0 < size <= LARGEST for size in found.values()):
        raise argparse.ArgumentTypeError(f'sizes are given as in "m=2, n=3" and at most {LARGEST}, '
                                         f"but {text[:40]!r} was given")
    return found
