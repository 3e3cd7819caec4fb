"""The figures of jac.check, beside those of other checkers: bugs caught, right gradients accused, causes named.

python tests/verification.py                      the table, with fresh bugs of a new seed
python tests/verification.py --each --seed 7      and every case that is not as it should be
python tests/verification.py --opaque             the same where the steps of f are hidden
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from statistics import median
from typing import Any

import numpy as np
from bugs import specs
from bugs.community import COMMUNITY
from bugs.fresh import bugs as fresh_bugs
from bugs.fresh import right as fresh_right
from bugs.hard import HARD
from bugs.injected import BUGS
from bugs.layers import LAYERS
from bugs.written import WRITTEN
from rich.console import Console
from rich.progress import track
from rich.table import Table

from jacobian.errors import InputError
from jacobian.verify import check, locate

console = Console(width=200)
OURS, ABSENT = "ours", "–"
SMALLEST = 10.0 ** -np.arange(1, 13)        # relative errors that are tried, the largest first
SMOOTH = ("Affine", "TanhLayer", "Sigmoid", "Gelu", "Softmax", "LogSoftmax", "LayerNorm", "Attention", "TwoLayers",
          "Recurrent")

Figure = tuple[str, dict[str, str]]         # its name, and its value for each checker
Checker = Callable[..., bool]               # whether a vjp is accepted at x


def torch_accepts(f: Any, x: Any, vjp: Any) -> bool:
    """torch.autograd.gradcheck with its defaults, of a Function with this vjp."""
    torch = import_module("torch")

    class Written(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *args: Any) -> Any:
            ctx.save_for_backward(*args)
            return torch.as_tensor(np.array(f(*(a.numpy() for a in args))))

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            result = vjp(g.numpy(), *(a.detach().numpy() for a in ctx.saved_tensors))
            return tuple(torch.as_tensor(np.array(r)) for r in (result if isinstance(result, tuple) else (result,)))

    given = x if isinstance(x, tuple) else (x,)
    tensors = [torch.tensor(np.asarray(a, float), requires_grad=True) for a in given]
    return bool(torch.autograd.gradcheck(Written.apply, tensors))


def jax_accepts(f: Any, x: Any, vjp: Any) -> bool:
    """jax.test_util.check_vjp with its defaults in 64 bits."""
    jax, test = import_module("jax"), import_module("jax.test_util")
    jax.config.update("jax_enable_x64", True)
    given = x if isinstance(x, tuple) else (x,)

    def pullback(*at: Any) -> tuple[Any, Any]:
        arrays = [np.array(a) for a in at]

        def back(g: Any) -> Any:
            result = vjp(np.array(g), *arrays)
            return result if isinstance(result, tuple) else (result,)

        return f(*arrays), back

    test.check_vjp(lambda *at: f(*map(np.array, at)), pullback, tuple(np.asarray(a, float) for a in given))
    return True


PEERS: dict[str, Checker] = {"torch gradcheck": torch_accepts, "jax check_vjp": jax_accepts}


def accepted(checker: Checker, f: Any, x: Any, vjp: Any) -> bool:
    """What a checker says; an exception is its way to say no."""
    try:
        with np.errstate(all="ignore"):
            return checker(f, x, vjp)
    except Exception:
        return False


@dataclass
class Tally:
    """Of how many cases it held, and those where it did not."""

    good: int = 0
    all: int = 0

    def add(self, holds: bool) -> bool:
        self.good += holds
        self.all += 1
        return holds

    def __str__(self) -> str:
        return f"{100 * self.good / self.all:.1f} % of {self.all}" if self.all else ABSENT


def caught(bugs: Iterable[Any], peers: dict[str, Checker], each: bool, label: str,
           spec: Callable[[Any], Any] = lambda bug: None) -> list[Figure]:
    """Bugs caught by family; causes; wrong inputs; evaluations."""
    families: dict[str, dict[str, Tally]] = {}
    first, among, named, sure = Tally(), Tally(), Tally(), Tally()
    evaluations: list[int] = []
    for bug in track(list(bugs), label, console=console, transient=True):
        tallies = families.setdefault(bug.family, {name: Tally() for name in (OURS, *peers)})
        try:
            report = check(bug.f, bug.x, vjp=bug.vjp, sample=bug.draw, spec=spec(bug))
        except InputError as error:
            console.print(f"  {bug.name}: {error}", markup=False)
            tallies[OURS].add(False)
            continue
        if not tallies[OURS].add(report.verdict == "wrong") and each:
            console.print(f"  missed, {report.verdict}: {bug.name}", markup=False)
        for name, peer in peers.items():
            tallies[name].add(not accepted(peer, bug.f, bug.x, bug.vjp))
        if report.verdict != "wrong":
            continue
        evaluations.append(report.evaluations)
        names = [cause.name for cause in report.causes]
        right = {bug.cause, *bug.also}
        hit = first.add(bool(names) and names[0] in right)
        among.add(bool(right & set(names[:3])))
        if bug.inputs:
            found = frozenset(report.wrong)
            if not named.add(found == bug.inputs) and each:
                console.print(f"  inputs {sorted(found)} for {sorted(bug.inputs)}: {bug.name}", markup=False)
        certain = report.cause is not None and report.cause.certain
        if certain:
            sure.add(names[0] in right)
        if each and not hit:
            console.print(f"  {'CERTAIN ' if certain else ''}{names[:4]} for {bug.name}", markup=False)
            [console.print("     ", c.sentence, markup=False) for c in report.causes[:2]]
    rows = [(f"{label}: caught, {family}", {name: str(t) for name, t in tallies.items()})
            for family, tallies in families.items()]
    ours = {"cause first": first, "cause among three": among, "a certain cause is right": sure,
            "wrong input named": named}
    rows += [(f"{label}: {name}", {OURS: str(tally)}) for name, tally in ours.items()]
    return [*rows, (f"{label}: evaluations, median", {OURS: str(int(median(evaluations or [0])))})]


def accused(cases: Iterable[Any], peers: dict[str, Checker], each: bool, label: str) -> list[Figure]:
    """Right gradients accused, and undecided."""
    wrong, open_ = {name: Tally() for name in (OURS, *peers)}, Tally()
    for case in track(list(cases), label, console=console, transient=True):
        report = check(case.f, case.x, vjp=case.vjp)
        if wrong[OURS].add(report.verdict == "wrong") and each:
            console.print(f"  accused: {case.name}: {report.sentence} {report.notes}", markup=False)
        if open_.add(report.verdict == "undecided") and each:
            console.print(f"  undecided: {case.name}: {report.sentence}", markup=False)
        for name, peer in peers.items():
            wrong[name].add(not accepted(peer, case.f, case.x, case.vjp))
    accusations = {name: str(tally) for name, tally in wrong.items()}
    return [(f"{label}: accused", accusations), (f"{label}: undecided", {OURS: str(open_)})]


def told_apart(peers: dict[str, Checker], each: bool) -> list[Figure]:
    """Hard inputs where the right one passes, and both twice it and its negative are caught."""
    def ours(f: Any, x: Any, vjp: Any) -> bool:
        return check(f, x, vjp=vjp).ok

    tallies = {}
    for name, checker in {OURS: ours, **peers}.items():
        tally = tallies[name] = Tally()
        for case in HARD:
            tries = [accepted(checker, case.f, case.x, lambda g, x, s=s, c=case: s * c.vjp(g, x)) for s in (1, 2, -1)]
            if not tally.add(tries == [True, False, False]) and each and name == OURS:
                console.print(f"  not told apart: {case.name}: {tries}", markup=False)
    return [("hard inputs: right passes, both wrong are caught", {name: str(t) for name, t in tallies.items()})]


def noticed(peers: dict[str, Checker]) -> list[Figure]:
    """The smallest relative error noticed in the worst of the smooth layers."""
    def ours(f: Any, x: Any, vjp: Any) -> bool:
        return check(f, x, vjp=vjp).verdict != "wrong"

    def least(checker: Checker, layer: Any) -> float:
        found = 1.0
        for size in SMALLEST:
            wrong = lambda g, *x, s=size: tuple((1 + s) * d for d in layer.vjp(g, *x))     # noqa: E731
            if accepted(checker, layer.f, layer.draw(0), wrong):
                break
            found = float(size)
        return found

    checkers = {OURS: ours, **peers}
    worst = {name: max(least(checker, LAYERS[layer]) for layer in SMOOTH) for name, checker in checkers.items()}
    return [("smallest relative error noticed", {name: f"{value:.0e}" for name, value in worst.items()})]


def hidden(function: Any, names: Any) -> None:
    """No steps: what is found of code that NumPy's arrays cannot follow."""


def installed() -> dict[str, Checker]:
    found = {}
    for name, peer in PEERS.items():
        try:
            import_module(name.split()[0])
        except ImportError:
            continue
        found[name] = peer
    return found


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="of the fresh cases")
    parser.add_argument("--count", type=int, default=150, help="how many fresh cases of each sort")
    parser.add_argument("--each", action="store_true", help="print every case that is not as it should be")
    parser.add_argument("--opaque", action="store_true", help="hide the steps of the functions, as other code does")
    parser.add_argument("--peers", action="store_true", help="run the other checkers too")
    options = parser.parse_args(words)
    peers, each = installed() if options.peers else {}, options.each
    locate.trace = hidden if options.opaque else locate.trace
    rows = caught(BUGS, peers, each, "bugs")
    rows += caught(fresh_bugs(options.seed, options.count), {}, each, "fresh bugs")
    rows += caught((*COMMUNITY, *WRITTEN), {}, each, "bugs as people write them")
    known = [bug for bug in (*BUGS, *fresh_bugs(options.seed, options.count)) if specs.of(bug) is not None]
    rows += caught(known, {}, each, "structure known", specs.of)[-5:]
    rows += accused(HARD, peers, each, "hard inputs")
    rows += accused(fresh_right(options.seed, options.count, "clean"), {}, each, "fresh layers")
    rows += accused(fresh_right(options.seed, options.count, "rough"), {}, each, "fresh float32 and noisy layers")
    rows += told_apart(peers, each)
    rows += noticed(peers)
    table = Table("figure", OURS, *peers, title=f"seed {options.seed}")
    for figure, values in rows:
        table.add_row(figure, *(values.get(name, ABSENT) for name in (OURS, *peers)))
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
