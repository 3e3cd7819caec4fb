"""Fresh bugs: layers composed at random, with one mistake in the backward step of one of them or in the result.

A step is h ↦ f(h, *p) with back(g, h, *p), the gradients of h and of each p. Another seed gives other ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bugs.injected import (
    ACCUMULATED,
    ACTIVATION,
    AT_A,
    BATCH,
    DIAGONAL,
    FACTOR,
    MASK,
    MISSING,
    NONLINEAR,
    OTHER,
    PATH,
    ROW,
    SHIFT,
    SIGN,
    STALE,
    SUM,
    TRANSPOSE,
)
from bugs.layers import Arrays, sigmoid, softmax

Back = Callable[..., Any]


@dataclass(frozen=True)
class Part:
    """h ↦ f(h, *p); `shapes` of p by the width n of h and the new width m; `wrong` pairs a cause and a wrong `back`."""

    name: str
    f: Callable[..., Any]
    back: Back
    wrong: tuple[tuple[str, Back], ...]
    shapes: Callable[[int, int], tuple[tuple[int, ...], ...]] = lambda n, m: ()
    width: Callable[[int, int], int] = lambda n, m: n


def entrywise(name: str, f: Any, slope: Any, *more: tuple[str, Any]) -> Part:
    """An activation, and the usual mistakes with one."""
    wrong = [(MISSING, lambda g, h: (g,)), (ACTIVATION, lambda g, h: (g * f(h),)), (AT_A, lambda g, h: (g * slope(f(h)),)),
             (SIGN, lambda g, h: (-g * slope(h),)), *((c, lambda g, h, s=s: (g * s(h),)) for c, s in more)]
    return Part(name, f, lambda g, h: (g * slope(h),), tuple(wrong))


def normed(h: Any) -> Any:
    c = h - h.mean(axis=1, keepdims=True)
    return c / np.sqrt((c**2).mean(axis=1, keepdims=True) + 1e-4)


def norm_back(g: Any, h: Any, mean: bool = True, variance: bool = True) -> Any:
    c = h - h.mean(axis=1, keepdims=True)
    s = np.sqrt((c**2).mean(axis=1, keepdims=True) + 1e-4)
    d = g - mean * g.mean(axis=1, keepdims=True) - variance * (c / s) * (g * c / s).mean(axis=1, keepdims=True)
    return (d / s,)


def softmax_back(g: Any, h: Any) -> Any:
    p = softmax(h)
    return (p * (g - (g * p).sum(axis=1, keepdims=True)),)


PARTS = (
    Part("affine", lambda h, W, b: h @ W.T + b, lambda g, h, W, b: (g @ W, g.T @ h, g.sum(axis=0)), (
        (BATCH, lambda g, h, W, b: (g @ W, g.T @ h, g.mean(axis=0))),
        (BATCH, lambda g, h, W, b: (g @ W, g.T @ h / len(h), g.sum(axis=0))),
        (SUM, lambda g, h, W, b: (g @ W, g.T @ h, g)),
        (SUM, lambda g, h, W, b: (g @ W, g.T @ h, g[0])),
        (TRANSPOSE, lambda g, h, W, b: (g @ W, h.T @ g, g.sum(axis=0))),
        (SIGN, lambda g, h, W, b: (g @ W, g.T @ h, -g.sum(axis=0))),
        (PATH, lambda g, h, W, b: (g @ W, g.T @ h, 0 * b)),
        (ROW, lambda g, h, W, b: (g @ W, g[1:].T @ h[1:], g.sum(axis=0))),
        (FACTOR, lambda g, h, W, b: (g @ W, 2 * g.T @ h, g.sum(axis=0))),
     ), lambda n, m: ((m, n), (m,)), lambda n, m: m),
    entrywise("tanh", np.tanh, lambda h: 1 - np.tanh(h) ** 2, (ACTIVATION, lambda h: 1 - np.tanh(h))),
    entrywise("sigmoid", sigmoid, lambda h: sigmoid(h) * (1 - sigmoid(h)), (ACTIVATION, lambda h: 1 - sigmoid(h))),
    entrywise("softplus", lambda h: np.log1p(np.exp(h)), sigmoid),
    entrywise("sine", np.sin, np.cos, (SIGN, lambda h: -np.cos(h))),
    entrywise("square", lambda h: h**2, lambda h: 2 * h, (FACTOR, lambda h: h)),
    entrywise("swish", lambda h: h * sigmoid(h), lambda h: sigmoid(h) * (1 + h * (1 - sigmoid(h))), (PATH, sigmoid)),
    Part("leaky", lambda h: np.where(h.real > 0, h, 0.1 * h), lambda g, h: (g * np.where(h > 0, 1, 0.1),), (
        (MASK, lambda g, h: (g * (h > 0),)), (MISSING, lambda g, h: (g,)),
        (MASK, lambda g, h: (g * np.where(h < 0, 1, 0.1),)))),
    Part("scale", lambda h, c: h * c, lambda g, h, c: (g * c, (g * h).sum(axis=0)), (
        (OTHER, lambda g, h, c: (g, (g * h).sum(axis=0))), (OTHER, lambda g, h, c: (g * c, g.sum(axis=0))),
        (SUM, lambda g, h, c: (g * c, g * h)), (BATCH, lambda g, h, c: (g * c, (g * h).mean(axis=0))),
     ), lambda n, m: ((n,),)),
    Part("norm", normed, norm_back, (
        (PATH, lambda g, h: norm_back(g, h, mean=False)), (PATH, lambda g, h: norm_back(g, h, variance=False)),
        (PATH, lambda g, h: norm_back(g, h, False, False)))),
    Part("softmax", softmax, softmax_back, (
        (DIAGONAL, lambda g, h: (g * softmax(h) * (1 - softmax(h)),)), (PATH, lambda g, h: (g * softmax(h),)))),
    Part("skip", lambda h: h + np.tanh(h), lambda g, h: (g * (2 - np.tanh(h) ** 2),), (
        (PATH, lambda g, h: (g * (1 - np.tanh(h) ** 2),)), (PATH, lambda g, h: (g,)))),
    Part("difference", lambda h, t: h - t, lambda g, h, t: (g, -g), (
        (SIGN, lambda g, h, t: (g, g)), (SIGN, lambda g, h, t: (-g, -g)), (PATH, lambda g, h, t: (g, 0 * g))),
        lambda n, m: ((0, n),)),
    Part("centre", lambda h: h - h.mean(axis=0), lambda g, h: (g - g.mean(axis=0),), ((PATH, lambda g, h: (g,)),)),
    Part("cumulate", lambda h: np.cumsum(h, axis=1), lambda g, h: (np.cumsum(g[:, ::-1], axis=1)[:, ::-1],), (
        (SHIFT, lambda g, h: (np.cumsum(g[:, ::-1], axis=1)[:, ::-1] - g,)),
        (SHIFT, lambda g, h: (np.cumsum(g, axis=1),)))),
)
LOSSES = (
    Part("mean square", lambda h: (h**2).sum() / len(h), lambda g, h: (2 * g * h / len(h),), (
        (BATCH, lambda g, h: (2 * g * h,)), (FACTOR, lambda g, h: (g * h / len(h),)), (NONLINEAR, lambda g, h: (2 * h / len(h),)))),
    Part("log-sum-exp", lambda h: np.log(np.exp(h).sum(axis=1)).mean(), lambda g, h: (g * softmax(h) / len(h),), (
        (BATCH, lambda g, h: (g * softmax(h),)), (SIGN, lambda g, h: (-g * softmax(h) / len(h),)),
        (BATCH, lambda g, h: (g * softmax(h) / h.size,)))),
)
RESULTS: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (      # mistakes in one gradient that is returned
    (SIGN, lambda d, memory: -d), (FACTOR, lambda d, memory: 2 * d), (FACTOR, lambda d, memory: 0.5 * d),
    (STALE, lambda d, memory: memory.setdefault(d.shape, d)), (PATH, lambda d, memory: 0 * d),
    (ACCUMULATED, lambda d, memory: memory.__setitem__(d.shape, memory.get(d.shape, 0) + d) or memory[d.shape]),
    (TRANSPOSE, lambda d, memory: d.T), (SHIFT, lambda d, memory: np.roll(d, 1, axis=0)),
)


@dataclass(eq=False)
class Network:
    """Parts one after the other; `mistakes` maps places to a wrong `back`, `result` spoils one gradient."""

    parts: tuple[Part, ...]
    mistakes: dict[int, Back] = field(default_factory=dict)
    result: tuple[int, Callable[[Any, Any], Any]] | None = None
    memory: dict[Any, Any] = field(default_factory=dict)

    def f(self, *x: Any) -> Any:
        h, rest = x[0], list(x[1:])
        for part in self.parts:
            count = len(part.shapes(1, 1))
            h, rest = part.f(h, *rest[:count]), rest[count:]
        return h

    def vjp(self, g: Any, *x: Any) -> Arrays:
        h, rest, tape = x[0], list(x[1:]), []
        for part in self.parts:
            count = len(part.shapes(1, 1))
            p, rest = rest[:count], rest[count:]
            tape.append((h, p))
            h = part.f(h, *p)
        found: list[Any] = []
        for k in reversed(range(len(self.parts))):
            h, p = tape[k]
            g, *own = self.mistakes.get(k, self.parts[k].back)(g, h, *p)
            found = own + found
        found = [g, *found]
        if self.result:
            k, spoil = self.result
            found[k] = spoil(found[k], self.memory)
        return tuple(found)

    def draw(self, seed: int) -> Arrays:
        random = np.random.default_rng([seed, len(self.parts)])
        N, n, *widths = (int(k) for k in (random.permutation([2, 3, 4, 5, 2, 3]) if seed == 0 else random.integers(1, 6, 6)))
        if any(part.name in ("norm", "softmax") for part in self.parts):
            n, *widths = (max(k, 3) for k in (n, *widths))
        shapes, width = [(N, n)], n
        for part, m in zip(self.parts, [*widths, *widths], strict=False):
            shapes += [tuple(s or N for s in shape) for shape in part.shapes(width, m)]
            width = part.width(width, m)
        return tuple(random.normal(size=shape) for shape in shapes)


@dataclass(frozen=True, eq=False)
class Case:
    """A network with a mistake, or without one."""

    name: str
    network: Network
    cause: str = ""
    also: tuple[str, ...] = ()
    inputs: frozenset[int] = frozenset()
    family: str = "fresh"
    wrap: Callable[..., Any] = lambda f: f

    @property
    def f(self) -> Any:
        return self.wrap(self.network.f)

    @property
    def vjp(self) -> Any:
        return self.network.vjp

    def draw(self, seed: int) -> Arrays:
        return self.network.draw(seed)

    @property
    def x(self) -> Arrays:
        return self.draw(0)


def drawn(random: np.random.Generator) -> Network:
    parts = [PARTS[random.integers(len(PARTS))] for _ in range(random.integers(1, 4))]
    if random.random() < 0.4:
        parts.append(LOSSES[random.integers(len(LOSSES))])
    return Network(tuple(parts))


def spoiled(right: Network, wrong: Network) -> frozenset[int]:
    """The inputs whose gradients differ, at any of a few points."""
    found = set()
    for seed in (0, 1, 2, 3):
        x = right.draw(seed)
        random = np.random.default_rng(seed)
        for _ in range(2):                  # the second time a result that is kept shows
            g = random.normal(size=np.shape(right.f(*x)))
            try:
                pairs = zip(right.vjp(g, *x), wrong.vjp(g, *x), strict=True)
                found |= {k for k, (a, b) in enumerate(pairs)
                          if np.shape(a) != np.shape(b) or np.abs(a - b).max() > 1e-6 * np.abs(a).max()}
            except ValueError:
                continue
    wrong.memory.clear()
    return frozenset(found)


def bugs(seed: int, count: int) -> Iterator[Case]:
    """Networks with one mistake each."""
    random = np.random.default_rng([seed, 1])
    found = 0
    while found < count:
        right = drawn(random)
        if random.random() < 0.75:
            place = int(random.integers(len(right.parts)))
            part = right.parts[place]
            cause, back = part.wrong[random.integers(len(part.wrong))]
            wrong, what = Network(right.parts, {place: back}), f"in {place}"
        else:
            cause, spoil = RESULTS[random.integers(len(RESULTS))]
            k = int(random.integers(len(right.draw(0))))
            wrong, what = Network(right.parts, result=(k, spoil)), f"in the gradient of input {k}"
        inputs = spoiled(right, wrong)
        if inputs and healthy(right):
            found += 1
            yield Case(f"{' '.join(p.name for p in right.parts)}: {cause} {what}", wrong, cause, (), inputs)


def healthy(network: Network) -> bool:
    """Whether the numbers are of an ordinary size."""
    x = network.draw(0)
    with np.errstate(all="ignore"):
        y = network.f(*x)
    sizes = [np.abs(d).max() for d in network.vjp(np.ones(np.shape(y)), *x)]
    return bool(np.isfinite(y).all()) and all(1e-6 < size < 1e6 or size == 0 for size in sizes)


def right(seed: int, count: int, kind: str) -> Iterator[Case]:
    """Networks without a mistake: in doubles ("clean"), or in single precision or with noise ("rough")."""
    random = np.random.default_rng([seed, 2])
    found = 0
    while found < count:
        network = drawn(random)
        if healthy(network):
            found += 1
            size = 10 ** random.uniform(-11, -3)
            wrap = (lambda f: f) if kind == "clean" else single if random.random() < 0.5 else noisy(size)
            yield Case(" ".join(p.name for p in network.parts), network, wrap=wrap)


def single(f: Any) -> Any:
    return lambda *x: f(*(a.real.astype(np.float32) for a in x))


def noisy(size: float) -> Any:
    def wrap(f: Any) -> Any:
        def shaken(*x: Any) -> Any:
            y = np.real(f(*(a.real for a in x)))
            return y * (1 + size * np.sin(1e17 * np.frexp(y)[0]))
        return shaken
    return wrap
