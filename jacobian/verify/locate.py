"""Where in the chain do the claimed gradients part from the right ones? The derivative of one stretch is wrong.

The faults of the table are applied to one stretch of the chain after the other, and the chain is multiplied out again:
where that gives the claim at every point, the fault is found with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Real
from jacobian.verify.chain import Chain, Stretch, chain
from jacobian.verify.diagnose import Explanation, Point
from jacobian.verify.faults import FAULTS, REPEATED, Block, Fault, Times
from jacobian.verify.joint import JOINT, Joint
from jacobian.verify.spec import specified
from jacobian.verify.trace import trace

APART = 0.5             # what a fault costs more that is in several steps that begin at different arguments

Here = tuple[Chain, Point]


def located(spec: Any, points: Sequence[Point], names: tuple[str, ...], wrong: tuple[int, ...]) -> list[Explanation]:
    """The faults in one stretch of a chain that give the claim at every point, each with its stretch."""
    found: list[Explanation] = []
    for places in filter(None, (of_spec(spec, points, names), of_trace(points, names))):
        found += searched(places)
        if not found and set(wrong) < set(range(len(names))):
            only = ", for " + " and ".join(names[k] for k in wrong) + " alone"
            with suppress(InputError):
                partly = searched([alone(here, wrong, names) for here in places])
                found += [replace(each, cost=each.cost + APART, sentence=each.sentence + only) for each in partly]
    return found


def searched(places: Sequence[Here]) -> list[Explanation]:
    """The faults in these chains that give the claim."""
    found = [explanation for row in JOINT for explanation in together_explained(row, places)]
    for some, stretches in (*single(places), *repeated(places)):
        loop = any(len(each) > 1 for each in stretches)
        found += explained(some, stretches, REPEATED if loop else FAULTS)
    return found


def alone(here: Here, wrong: tuple[int, ...], names: tuple[str, ...]) -> Here:
    """The chain by the wrong inputs alone: the code for the others may be apart."""
    each, point = here
    columns = np.concatenate([np.arange(*each.seeds[list(each.seeds)[k]]) for k in wrong])
    found = replace(point.found, value=point.found.value[:, columns], error=point.found.error[:, columns])
    part = replace(point, found=found, claimed=point.claimed[:, columns], allowed=point.allowed[:, columns])
    return chain(each.nodes, part, tuple(each.names[k] for k in wrong)), part


def together_explained(row: Joint, places: Sequence[Here]) -> Iterator[Explanation]:
    """A fault of several steps at once, where it gives the claim at every point."""
    known = [dict(row.changes(each)) for each, _ in places]
    for key, changes in known[0].items():
        if all(each.gives(own.get(key, []), point) for (each, point), own in zip(places, known, strict=True)):
            stretch = changes[0][0]
            node = places[0][0].nodes[stretch.end]
            text = f"{row.name}, in the step {node.label}{node.line}: {key[2]}"
            yield Explanation(row.name, row.cost, text, row.advice)


def of_spec(spec: Any, points: Sequence[Point], names: tuple[str, ...]) -> list[Here]:
    """The chain of the spec, wherever its assumptions hold. Raises InputError where it does not fit the first point."""
    found = [] if spec is None else [(specified(spec, points[0], names), points[0])]
    for point in points[1:] if found else ():
        with suppress(InputError):
            found.append((specified(spec, point, names), point))
    return found


def of_trace(points: Sequence[Point], names: tuple[str, ...]) -> list[Here]:
    """The chain that f itself shows, of the first point and wherever it shows one."""
    found = []
    for point in points:
        nodes = trace(point.function, names)
        with suppress(InputError):
            if nodes is not None:
                found.append((chain(nodes, point, names), point))
    return found if found and found[0][1] is points[0] else []


def single(places: Sequence[Here]) -> Iterator[tuple[list[Here], list[list[Stretch]]]]:
    """Each stretch by itself, that may give the claim wherever it bears on y; elsewhere there must be no error."""
    alike = [(each, point) for each, point in places if each.form == places[0][0].form]
    known = [{stretch.ends: stretch for stretch in each.stretches} for each, _ in alike]
    for ends in known[0]:
        there = [(here, own[ends]) for here, own in zip(alike, known, strict=True) if ends in own]
        absent = [point for (_, point), own in zip(alike, known, strict=True) if ends not in own]
        if all(each.possible(stretch, point) for (each, point), stretch in there) and not any(p.wrong for p in absent):
            yield [here for here, _ in there], [[stretch] for _, stretch in there]


def repeated(places: Sequence[Here]) -> Iterator[tuple[list[Here], list[list[Stretch]]]]:
    """At every point the stretches that are one in the code, where a loop takes any of them more than once."""
    groups: list[dict[Any, list[Stretch]]] = []
    for each, _ in places:
        found: dict[Any, dict[Any, Stretch]] = {}
        for stretch in each.stretches:
            for key in each.keys(stretch):      # of a longer stretch the nearest end, which is the same time
                begins = stretch.start if stretch.cost else stretch.ends
                found.setdefault(key, {}).setdefault(begins, stretch)
        groups.append({key: sorted(some.values(), key=lambda each: each.end) for key, some in found.items()})
    for key in groups[0]:
        some = [group.get(key, []) for group in groups]
        apart = all(disjoint(each) for each in some)
        if apart and any(len(each) > 1 for each in some):
            yield list(places), some


def disjoint(stretches: Sequence[Stretch]) -> bool:
    """Whether none of them lies within another: single steps, or stretches one after the other."""
    if len({stretch.end for stretch in stretches}) < len(stretches):
        return False
    return all(each.cost == 0 for each in stretches) or all(a.end <= b.start for a, b in pairwise(stretches))


def explained(places: Sequence[Here], stretches: Sequence[Sequence[Stretch]],
              rows: Sequence[Fault | Times]) -> list[Explanation]:
    """The rows of the table that give the claim by these stretches, at every point."""
    blocks = [[each.block(stretch, point) for stretch in some]
              for (each, point), some in zip(places, stretches, strict=True)]
    known = [block.errors for some in blocks for block in some if block.claimed is not None]
    first, stretch = places[0][0], stretches[0][0]
    node, argument = first.nodes[stretch.end], first.nodes[stretch.start]
    shared = all(len({stretch.start for stretch in some}) < 2 for some in stretches)
    found = []
    for fault in rows:
        if (known and max(known) < fault.least) or (isinstance(fault, Times) and fault.shared and not shared):
            continue
        phrases: list[str] | None = None
        for (each, point), some, own in zip(places, stretches, blocks, strict=True):
            tried = {phrase: each.gives(list(zip(some, forms, strict=True)), point)
                     for phrase, forms in together(fault, own) if phrases is None or phrase in phrases}
            # at sizes of 1 a form may not be there at all, and C is right
            phrases = [phrase for phrase in phrases or tried if tried.get(phrase, not point.wrong)]
            if not phrases:
                break
        if phrases:
            behind = f"({argument.label})" if " " in argument.label else argument.label
            text = f"{fault.name}, in the step ∂({node.label})/∂{behind}{node.line}: {phrases[0]}"
            cost = fault.cost + stretch.cost + (0 if shared else APART)
            found.append(Explanation(fault.name, cost, text, fault.advice))
    return found


def together(fault: Fault | Times, blocks: Sequence[Block]) -> Iterator[tuple[str, list[Real]]]:
    """The forms that a fault has in all of the blocks, by phrase."""
    if isinstance(fault, Times):
        yield fault.phrase, fault.forms([block.matrix for block in blocks])
    elif blocks:
        others = [dict(fault.applied(block)) for block in blocks[1:]]
        for phrase, form in fault.applied(blocks[0]):
            if all(phrase in forms for forms in others):
                yield phrase, [form, *(forms[phrase] for forms in others)]
    else:
        yield from ()
