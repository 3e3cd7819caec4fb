"""jacobian check MODULE:FUNCTION: the verdict on a backward pass that stands in a file of the user's."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from jacobian.adapters import recognised
from jacobian.command import Parser
from jacobian.errors import InputError
from jacobian.verify import check

HELP = "check a backward pass of your own"
DESCRIPTION = """Compare a derivative with the numeric one and say what is wrong. A function is named
as MODULE:FUNCTION, a claim in the same module by its name alone; the module is
imported, which runs it. The status is 0 where the claim is right, 1 where it is
wrong, 3 where it is undecided. A torch.autograd.Function, a module of torch and a
custom_vjp or custom_jvp function of JAX bring the claim with them."""
EXAMPLES = """examples:
  jacobian check layers:affine --vjp affine_backward --shapes "3 2, 2"
  jacobian check layers:loss --gradient loss_gradient --sample draw
  jacobian check package.layers:forward --jvp tangents:forward_jvp --shapes "4 3"
  jacobian check model:Attention --shapes "5 4"            a Function or module of torch
"""
CLAIMS = {"vjp": "vjp(g, *x), Jᵀ g", "jvp": "jvp(v, *x), J v", "jacobian": "jacobian(*x)", "gradient": "gradient(*x)"}
STATUS = {"right": 0, "wrong": 1, "undecided": 3}
MOST = 10**6            # entries that are drawn


def arguments(parser: Parser) -> None:
    """What is understood after `jacobian check`."""
    add = parser.add_argument
    add("function", metavar="MODULE:FUNCTION", help="f, called with one array for each input")
    for claim, says in CLAIMS.items():
        add(f"--{claim}", metavar="[MODULE:]FUNCTION", help=f"the claim {says}")
    add("--shapes", help='of the inputs, drawn from the normal distribution: "3 2, 2"; "" is a scalar')
    add("--sample", metavar="[MODULE:]FUNCTION", help="draws the inputs: sample(seed) is an array or a tuple of arrays")
    add("--seed", type=int, default=0, metavar="N", help="which numbers are drawn (default 0)")


def run(options: argparse.Namespace) -> int:
    """Print the report; the status is that of the verdict."""
    module, _, name = options.function.partition(":")
    f = _found(options.function)
    named = {claim: getattr(options, claim) for claim in CLAIMS if getattr(options, claim) is not None}
    claims: dict[str, Any] = {claim: _found(place, module) for claim, place in named.items()}
    adapter = None if claims else recognised(f)
    if not (claims or adapter):
        raise InputError(f"nothing is claimed of {name}: name its backward pass, as in --vjp {name or 'f'}_backward")
    if (options.sample is None) == (options.shapes is None):
        raise InputError('the inputs are drawn either by --shapes, as in --shapes "3 2, 2", or by --sample FUNCTION')
    sample = None if options.sample is None else _found(options.sample, module)
    x = _drawn(options.shapes, options.seed) if sample is None else _called(sample, options.seed, options.sample)
    inputs = x if isinstance(x, tuple) else (x,)
    report = adapter(f, *inputs, sample=sample) if adapter else check(f, x, sample=sample, **claims)
    print(report)
    return STATUS[report.verdict]


def _found(place: str, module: str = "") -> Callable[..., Any]:
    """The function at MODULE:FUNCTION. Raises InputError where it is not to be had."""
    home, colon, name = place.rpartition(":")
    home = home or ("" if colon else module)
    if not home or not name:
        raise InputError(f"a function is named as MODULE:FUNCTION, such as layers:affine, but {place!r} was given")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = import_module(home)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise InputError(f"{place} cannot be used: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise InputError(f"{place} is no function: it is {type(found).__name__}")
    return found


def _called(sample: Callable[..., Any], seed: int, name: str) -> Any:
    try:
        return sample(seed)
    except Exception as error:
        raise InputError(f"{name}({seed}) raised {type(error).__name__}: {error}") from error


def _drawn(shapes: str, seed: int) -> Any:
    """Arrays of these shapes from the normal distribution; one array for one shape."""
    rng = np.random.default_rng(seed)
    made = []
    for text in shapes.split(","):
        sizes = text.split()
        if not all(size.isdecimal() and 0 < int(size) <= MOST for size in sizes):
            raise InputError('a shape is written as whole numbers from 1 on, such as "3 2", '
                             f"but {text.strip()!r} was given")
        if np.prod([int(size) for size in sizes], dtype=float) > MOST:
            raise InputError(f"the shape {text.strip()} has more than {MOST} entries: a check needs no more than a few")
        made.append(rng.normal(size=tuple(map(int, sizes))))
    return made[0] if len(made) == 1 else tuple(made)
