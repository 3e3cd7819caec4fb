"""What a library differentiates, seen as f and a claim: outputs joined to one array, and split where that says more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import quiet
from jacobian.verify import Report, check
from jacobian.verify.claim import Misfit, Shapes
from jacobian.verify.diagnose import of_defect
from jacobian.verify.faults.calls import Defect
from jacobian.verify.sample import SEEDS, Arrays, called, drawn

Share = Callable[[Arrays], Arrays]      # the outputs to their cotangents


@dataclass(frozen=True, eq=False)
class Problem:
    """(y₁, …, yₖ) = values(*x), and what the library says of its Jacobian.

    names       of the inputs
    outputs     the names of y₁, …, yₖ
    pull        pull(share, *x) = Σₖ Jₖᵀ gₖ with (g₁, …, gₖ) = share(y₁, …, yₖ), one gradient per input; or None
    push        push(v, *x) = (J₁ v, …, Jₖ v) for a tuple v of tangents; or None
    properties  what else fails, found at x
    fixed       what f is given besides x
    notes       what the report should say besides
    """

    x: Arrays
    names: tuple[str, ...]
    outputs: tuple[str, ...]
    values: Callable[..., Arrays]
    pull: Callable[..., Arrays] | None
    push: Callable[..., Arrays] | None
    properties: Callable[[], Iterator[Defect]]
    fixed: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()

    def alike(self, other: Problem) -> bool:
        """Whether both are one function at two points."""
        return self.names == other.names and len(self.fixed) == len(other.fixed) and all(
            np.array_equal(a, b) if isinstance(a, np.ndarray) else a is b or a == b
            for a, b in zip(self.fixed, other.fixed, strict=True))

    def report(self, spec: Any, points: Sequence[Arrays] | None = None) -> Report:
        """The verdict on all outputs together; where that is wrong, on the first output that is wrong by itself."""
        if points is None and self.fixed:       # what is passed on, an index for one, may not fit other shapes
            points = [x for x in drawn(self.x) if [a.shape for a in x] == [a.shape for a in self.x]]
        found = self.verdict(None, points, spec)
        if found.verdict == "wrong" and len(self.outputs) > 1:
            parts = (self.verdict(k, points) for k in range(len(self.outputs)))
            found = next((part for part in parts if part.verdict == "wrong"), found)
        if found.verdict == "wrong":
            return replace(found, notes=(*found.notes, *self.notes))
        failed = tuple(self.properties())
        if not failed:
            return replace(found, notes=(*found.notes, *self.notes))
        return replace(
            found, verdict="wrong", sentence=f"The {found.claim} is wrong, though its Jacobian is {found.verdict}.",
            notes=(*(each.sentence for each in failed), *self.notes), causes=tuple(map(of_defect, failed)),
            wrong=tuple(sorted({k for each in failed for k in each.inputs})))

    def verdict(self, k: int | None, points: Sequence[Arrays] | None, spec: Any = None) -> Report:
        """The verdict on output k, or on all of them, one after the other in one vector where there are several."""
        def f(*x: Any) -> Any:
            return chosen(self.values(*x), k)

        def vjp(g: Any, *x: Any) -> Arrays:
            assert self.pull is not None
            return self.pull(lambda outputs: shared(g, outputs, k), *x)

        def jvp(v: Any, *x: Any) -> Any:
            assert self.push is not None
            return chosen(self.push(v if isinstance(v, tuple) else (v,), *x), k)

        def one(x: Arrays) -> Any:
            return x if len(x) > 1 else x[0]

        sample = None if points is None else [one(x) for x in points]
        found = check(f, one(self.x), vjp=self.pull and vjp, jvp=self.push and jvp, sample=sample, spec=spec,
                      names=self.names)
        if len(self.outputs) == 1:
            return found
        what = f"y is the output {self.outputs[k]}." if k is not None else (
            f"y is {', '.join(self.outputs)}, flattened, one after the other.")
        return replace(found, notes=(what, *found.notes))


def chosen(outputs: Arrays, k: int | None) -> Any:
    """Output k, or all of them as one array."""
    if len(outputs) == 1 or k is not None:
        return outputs[k or 0]
    return np.concatenate([np.ravel(y) for y in outputs])


def shared(g: Any, outputs: Arrays, k: int | None) -> Arrays:
    """The cotangents of the outputs: g for output k and 0 for the others, or the pieces of one vector."""
    if len(outputs) == 1:
        return (g,)
    if k is not None:
        return tuple(g if at == k else np.zeros(np.shape(y)) for at, y in enumerate(outputs))
    pieces = np.split(g, np.cumsum([np.size(y) for y in outputs])[:-1])
    return tuple(piece.reshape(np.shape(y)) for piece, y in zip(pieces, outputs, strict=True))


def examined(build: Callable[[tuple[Any, ...]], Problem], inputs: tuple[Any, ...],
             sample: Callable[[int], Any] | None, spec: Any) -> Report:
    """The report at the inputs, or at the first of a sample's where the claim is wrong.

    Inputs of a sample that differ in nothing but what is checked are further points for the same function.
    """
    if sample is not None and not callable(sample):
        raise InputError(f"sample must be a function of a seed that returns inputs; it is {type(sample).__name__}")
    with quiet():
        first = build(inputs)
        if sample is None:
            return first.report(spec)
        others = {seed: build(several(called(sample, seed))) for seed in range(1, SEEDS + 1)}
        report = first.report(spec, [other.x for other in others.values() if other.alike(first)])
        evaluations = report.evaluations
        for seed, other in others.items():
            if report.verdict != "wrong" and not other.alike(first):
                found = other.report(spec, [])
                evaluations += found.evaluations
                if found.verdict == "wrong":
                    note = f"It is {report.verdict} at the inputs given, and wrong at those of sample({seed})."
                    report = replace(found, notes=(note, *found.notes))
        return replace(report, evaluations=evaluations)


@contextmanager
def told() -> Iterator[None]:
    """What f raises, told as an InputError."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"f raised {type(error).__name__}: {error}") from error


def several(inputs: Any) -> tuple[Any, ...]:
    """What a sample returns, as a tuple."""
    return inputs if isinstance(inputs, tuple) else (inputs,)


def differ(a: Any, b: Any, size: float) -> bool:
    """Whether two computations of one array, or of none, differ by more than half of the digits beside that size."""
    if a is None or b is None:
        return a is not b
    slack = np.sqrt(np.finfo(np.result_type(a, b)).eps) * size
    return not np.allclose(a, b, rtol=0.0, atol=slack, equal_nan=True)


SHAPES = tuple(map(re.compile, (       # what torch says of a gradient, JAX of a gradient, and of a tangent
    r"got \[(?P<given>.*?)\] but expected shape compatible with \[(?P<expected>.*?)\]",
    r"type \w+\[(?P<given>.*?)\] corresponding to an input of type \w+\[(?P<expected>.*?)\]",
    r"Expected \w+\[(?P<expected>.*?)\].* but got \w+\[(?P<given>.*?)\]",
)))
PLACE = re.compile(r"at (?:index |output\[)(\d+)")
COUNTS = tuple(map(re.compile, (       # torch counts, JAX writes a star for each
    r"incorrect number of gradients \(expected (?P<expected>\d+), got (?P<given>\d+)\)",
    r"output structure (?P<given>PyTreeDef.*?) for primal input structure (?P<expected>PyTreeDef.*)",
)))


def found(patterns: Sequence[re.Pattern[str]], error: Exception) -> Iterator[re.Match[str]]:
    """Those that an error says."""
    return filter(None, (pattern.search(str(error)) for pattern in patterns))


def refusal(error: Exception, names: Sequence[str], shapes: Shapes, places: Sequence[int] = ()) -> Misfit | None:
    """A Misfit for what a library says of arrays that are too few or of the wrong shape, None for anything else.

    Of several with the expected shape it is the one at the place that the library counts, among `places`.
    """
    for match in found(SHAPES, error):
        given, expected = (tuple(map(int, re.findall(r"\d+", match[key]))) for key in ("given", "expected"))
        place = PLACE.search(str(error))
        fitting = [k for k, shape in enumerate(shapes) if shape == expected]
        exact = [k for k in fitting if places and place and places[k] == int(place[1])]
        for k in (exact or fitting)[:1]:
            text = f"what is returned for {names[k]} has shape {given}, but it must be {expected}"
            return Misfit(text, (*shapes[:k], given, *shapes[k + 1:]), shapes)
    for match in found(COUNTS, error):
        counts = [int(match[key]) if match[key].isdecimal() else match[key].count("*")
                  for key in ("given", "expected")]
        if counts[0] != counts[1]:
            return Misfit(f"{counts[0]} gradients are returned, but there must be {counts[1]}",
                          *(((),) * count for count in counts))
    return None
