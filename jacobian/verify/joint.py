"""Faults of several steps at once: the wrong branch of a condition, and the values of a neighbouring time of a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Real
from jacobian.verify.chain import MOST, Chain, Stretch
from jacobian.verify.slope import slope

Changes = list[tuple[Stretch, Real]]


@dataclass(frozen=True)
class Joint:
    """A row of the table: from a chain, by key and phrase, the steps that are other ones and their derivatives."""

    name: str
    advice: str
    cost: float
    changes: Callable[[Chain], Iterator[tuple[tuple[Any, ...], Changes]]]


def branches(chain: Chain) -> Iterator[tuple[tuple[Any, ...], Changes]]:
    """where(c, u, v) with one of u and v throughout, or with the two exchanged."""
    for place, node in enumerate(chain.nodes):
        sides = [k for k, (arg, local) in enumerate(zip(node.args, node.locals, strict=True))
                 if chain.nodes[arg].value.dtype.kind == "f" and is_mask(local)]
        if not chain.inner[place] or len(sides) != 2:
            continue
        first, second = (Stretch(node.args[k], place, node.locals[k], chain.by_argument(place, k), node.args, k, 0.0)
                         for k in sides)
        whole, none = np.eye(node.value.size), np.zeros((node.value.size,) * 2)
        if not np.array_equal(first.local + second.local, whole):
            continue
        at = (node.label, node.line)
        yield (*at, "the first branch is taken throughout"), [(first, whole), (second, none)]
        yield (*at, "the second branch is taken throughout"), [(first, none), (second, whole)]
        yield (*at, "the branches are exchanged"), [(first, second.local), (second, first.local)]


def is_mask(local: Real) -> bool:
    """Whether it is diagonal, of 0 and 1."""
    m, n = local.shape
    return m == n and not (local * (1 - np.eye(n))).any() and bool(np.isin(np.diag(local), (0.0, 1.0)).all())


def neighbours(chain: Chain) -> Iterator[tuple[tuple[Any, ...], Changes]]:
    """In a step that a loop takes, an argument of the next or of the last time for that of this one."""
    times: dict[Any, list[Stretch]] = {}
    for stretch in chain.single if len(chain.nodes) <= MOST else ():
        times.setdefault(chain.key(stretch), []).append(stretch)
    for key, stretches in times.items():
        if key is None or len(stretches) < 2:
            continue
        ends = [chain.nodes[stretch.end] for stretch in stretches]
        for j in range(len(ends[0].args)):
            if j == stretches[0].k or any(len(node.args) != len(ends[0].args) for node in ends):
                continue
            used = [node.args[j] for node in ends]
            for phrase, others in (("next", [*used[1:], following(chain, used)]), ("last", [used[-1], *used[:-1]])):
                label = f"{ends[0].label}", ends[0].line, f"the {phrase} value in the loop in place of this one"
                changes = moved(chain, stretches, j, others)
                if changes:
                    yield (*label, j), changes


def following(chain: Chain, used: list[int]) -> int:
    """The value that a loop would use once more: the next one that is made at the same place of the code."""
    site = chain.nodes[used[-1]].site
    return next((place for place in range(used[-1] + 1, len(chain.nodes))
                 if site and chain.nodes[place].site == site), used[-1])


def moved(chain: Chain, stretches: list[Stretch], j: int, others: list[int]) -> Changes | None:
    """Each step with another value of its j-th argument; None where one of another shape stands there."""
    changes = []
    for stretch, other in zip(stretches, others, strict=True):
        node = chain.nodes[stretch.end]
        given, value = [chain.nodes[arg].value for arg in node.args], chain.nodes[other].value
        if value.shape != given[j].shape:
            return None
        try:
            changes.append((stretch, slope(node.apply, (*given[:j], value, *given[j + 1:]), stretch.k)))
        except (InputError, ValueError):
            return None
    return changes


JOINT = (
    Joint("mask or branch", "the condition: which branch is taken where", 2.2, branches),
    Joint("off by one", "indices in the loop: the state before a step and the one after it", 2.3, neighbours),
)
