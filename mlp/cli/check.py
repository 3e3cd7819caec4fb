"""mlp check: hold every layer beside its spec in symbols, in 60 digits and by the complex step, and print a table."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from rich.console import Console
from rich.progress import track
from rich.table import Table

import jacobian as jac
from mlp.check import RIGHT, Proof, prove
from mlp.layer import Layer
from mlp.layers import LAYERS

HELP = "prove the Jacobians of the layers"
DESCRIPTION = """Compare the explicit Jacobian, jvp and vjp of each layer, by each of its inputs and
parameters, with differences of its spec in 60 digits, and beside them the Jacobian by the
rules of matrix calculus and the complex step. Errors are those of the worst entry,
relative to the largest one, in units of the machine epsilon."""
EXAMPLES = """examples:
  mlp check                            every layer, in float64
  mlp check softmax attention          those whose name contains a word
  mlp check --precision float32 --seed 3
"""
COLUMNS = {"explicit": "explicit", "jvp": "jvp", "vjp": "vjp", "symbolic": "rules", "complex step": "complex"}


def arguments(parser: jac.Parser) -> None:
    """What is understood after `mlp check`."""
    parser.add_argument("layers", nargs="*", metavar="LAYER", help="words in the names of layers (default: all)")
    parser.add_argument("--precision", choices=sorted(RIGHT), default="float64", help="default float64")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random examples (default 0)")


def run(options: argparse.Namespace) -> int:
    """Print the table; 1 if a Jacobian is wrong, else 0."""
    if options.seed < 0:
        raise jac.InputError(f"a seed is a whole number from 0 on, but {options.seed} was given")
    console = Console()
    chosen = select(options.layers)
    counted = track(chosen, "checking", console=console, transient=True, disable=not console.is_terminal)
    proofs = [proof for layer in counted for proof in prove([layer], options.seed, options.precision)]
    console.print(shown(proofs))
    wrong = [proof for proof in proofs if not proof.right]
    for proof in wrong:
        console.print(f"wrong: {proof.layer} by {proof.wrt}", markup=False)
    worst = max(max(proof.errors.values()) for proof in proofs)
    console.print(f"{len(proofs) - len(wrong)} of {len(proofs)} Jacobians of {len(chosen)} layers are right in "
                  f"{options.precision}; the largest error is {worst:.1f} ε", highlight=False, soft_wrap=True)
    return 1 if wrong else 0


def select(words: Sequence[str]) -> list[Layer]:
    """The layers whose names contain one of the words. Raises InputError for a word that none contains."""
    for word in words:
        if not any(word.lower() in str(layer).lower() for layer in LAYERS):
            names = ", ".join(dict.fromkeys(str(layer).split("(")[0] for layer in LAYERS))
            raise jac.InputError(f"no layer is called {word!r}: choose among {names}")
    return [layer for layer in LAYERS if not words or any(word.lower() in str(layer).lower() for word in words)]


def shown(proofs: Sequence[Proof]) -> Table:
    """A row for each proof."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False,
                  caption="errors in units of the machine epsilon ε")
    for name, width in (("layer", 18), ("by", 5), ("Jacobian", 21)):
        table.add_column(name, no_wrap=True, max_width=width)
    for name in COLUMNS.values():
        table.add_column(name, justify="right", min_width=len(name))
    before = None
    for proof in proofs:
        errors = (f"{proof.errors[name]:.1f}" for name in COLUMNS)
        title = str(proof.layer) if proof.layer is not before else ""
        table.add_row(title, proof.wrt, outer(proof.kind), *errors, style=None if proof.right else "red")
        before = proof.layer
    return table


def outer(kind: str) -> str:
    """A kind with the names of its parts, but not with theirs."""
    name, bracket, parts = kind.removesuffix(")").partition("(")
    while "(" in parts:
        parts = re.sub(r"\([^()]*\)", "", parts)
    return f"{name}({parts})" if bracket else name
