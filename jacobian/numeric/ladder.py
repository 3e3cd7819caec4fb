"""Which steps to take: three at first, more where an entry asks for them, inwards or outwards, in each column apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from jacobian.numeric.differences import Slopes, Values, slopes
from jacobian.numeric.function import Function, Index, Mask, Real
from jacobian.numeric.noise import MANY, Noise, few, scales

FIRST = (4, 6, 8)               # steps 2⁻ᵏ s, for s the size of the input, so that x ± h is exact
INWARDS = ((5, 7, 13), (10, 16, 20), (23, 27, 31), (35, 39, 43))     # the first in between, and one far inside
OUTWARDS = (1, 2, 3)
ODD = 1.5                       # a factor that keeps the steps at one size off those at another
GOOD, FAIR = 2.0**-34, 2.0**-25     # shares of an entry: known to these, it takes no second or no third steps
BESIDE = 2.0**-10               # an entry is judged beside this share of the largest one of its output
ROUNDED = 2.0**8                # units in the last place of y beside the size of the input: no steps tell more
FINEST = 2.0**-44               # of |x|
APART = 2.0**4                  # a size of the input is another one than 1 from here on


@dataclass(eq=False)
class Group:
    """Columns that no output has two of, moved together: columns (C,), and entries (E,) by row and place in columns.

    h, ahead and behind hold the steps of the entries and what f is there, one array (E,) a step.
    """

    columns: Index
    rows: Index
    places: Index
    h: list[Real] = field(default_factory=list)
    ahead: list[Real] = field(default_factory=list)
    behind: list[Real] = field(default_factory=list)

    def part(self, chosen: Index) -> tuple["Group", Index]:
        """The group of some of its columns, by their places, with all that is known of them, and its entries."""
        number = np.full(self.columns.size, -1)
        number[chosen] = np.arange(chosen.size)
        entries = np.flatnonzero(number[self.places] >= 0)
        history = ([a[entries] for a in known] for known in (self.h, self.ahead, self.behind))
        return Group(self.columns[chosen], self.rows[entries], number[self.places[entries]], *history), entries


def measured(function: Function, noise: Noise, groups: Sequence[Group]) -> list[Slopes]:
    """The slopes of the entries of each group; all of them have taken equally many steps."""
    if not groups:
        return []
    h, ahead, behind = (np.concatenate([getattr(group, name) for group in groups], axis=1)
                        for name in ("h", "ahead", "behind"))
    rows = np.concatenate([group.rows for group in groups])
    there = (a[rows] for a in (function.y, noise.sigma, noise.finest, noise.epsilon, function.size))
    found, ends = slopes(Values(h, ahead, behind, *there)), np.cumsum([0, *(group.rows.size for group in groups)])
    return [found.part(slice(start, end)) for start, end in pairwise(ends)]


def single(function: Function) -> list[Group]:
    """Each column of a dense Jacobian by itself; an input that is no finite number has none."""
    rows = np.arange(function.y.size)
    return [Group(np.array([j]), rows, np.zeros_like(rows)) for j in range(function.x.size)]


def powers(sizes: Real) -> Real:
    """The largest power of two that each is not below."""
    return 2.0 ** np.floor(np.log2(sizes))


def extend(function: Function, groups: Sequence[Group], steps: Sequence[Real]) -> None:
    """Evaluate f at x ± h for every group; steps (K, C) each, all points in one batch."""
    points = []
    for group, hs in zip(groups, steps, strict=True):
        for h in hs:
            for way in (h, -h):
                x = function.x.copy()
                x[group.columns] += way
                points.append(x)
    values = function.at(points)
    for group, hs in zip(groups, steps, strict=True):
        for h in hs:
            group.h.append(h[group.places])
            group.ahead.append(next(values)[group.rows])
            group.behind.append(next(values)[group.rows])


def start(function: Function, groups: Sequence[Group], exponents: Sequence[int]) -> None:
    """The steps 2⁻ᵏ s."""
    s = powers(scales(function))
    extend(function, groups, [np.array([s[group.columns] * 2.0**-k for k in exponents]) for group in groups])


def sizes(function: Function, groups: Sequence[Group], values: Sequence[Real], share: float = BESIDE) -> list[Real]:
    """What each entry is measured by: |Jᵢⱼ|, or a share of the largest |Jᵢₖ| sₖ / sⱼ; (E,) for each group."""
    s, largest, owns = powers(scales(function)), np.zeros(function.y.size), []
    for group, value in zip(groups, values, strict=True):
        own = np.where(np.isfinite(value), np.abs(value), 0.0)
        np.maximum.at(largest, group.rows, own * s[group.columns][group.places])
        owns.append(own)
    return [np.maximum(own, share * largest[group.rows] / s[group.columns][group.places])
            for group, own in zip(groups, owns, strict=True)]


def least(function: Function, noise: Noise, group: Group) -> Real:
    """What rounding leaves unknown of each entry at any step, (E,)."""
    s = powers(scales(function))[group.columns][group.places]
    return ROUNDED * (noise.epsilon * function.size)[group.rows] / np.maximum(1.0, s)


def climb(function: Function, noise: Noise, groups: Sequence[Group], found: Sequence[Slopes], size: Sequence[Real],
          suspicious: Mask, shares: tuple[float, float] = (GOOD, FAIR)) -> None:
    """Make what is found of the groups better, with further steps where the entries are not settled.

    They are where known to a share of their size, the first of `shares` before the second steps and the other one
    later. In the rows that are suspicious (m,) nothing is settled before the steps are fine.
    """
    climbers = [(Climber(function, noise, group, own, suspicious, shares), whole)
                for group, whole, own in zip(groups, found, size, strict=True)]
    while climbers := [(climber, whole) for climber, whole in climbers if climber.move(whole)]:
        extend(function, [climber.group for climber, _ in climbers], [climber.steps for climber, _ in climbers])
        better = measured(function, noise, [climber.group for climber, _ in climbers])
        for (climber, whole), new in zip(climbers, better, strict=True):
            whole.put(climber.entries, new)


class Climber:
    """The columns of a group that are not settled, the entries of the whole group they have, and their next steps."""

    def __init__(self, function: Function, noise: Noise, group: Group, size: Real, suspicious: Mask,
                 shares: tuple[float, float]) -> None:
        self.group, self.entries = group, np.arange(group.rows.size)
        self.x, self.s = function.x, powers(scales(function))
        self.inwards = np.zeros(group.columns.size, int)
        self.widened, self.leapt = np.zeros((2, group.columns.size), bool)
        self.size, self.least = size, least(function, noise, group)
        self.good, self.fair = shares if size.size < MANY else (shares[1], shares[1])
        self.lost, self.suspicious = ~np.isfinite(function.y), suspicious
        self.steps = np.zeros((0, 0))

    def move(self, found: Slopes) -> bool:
        """Whether a column goes on; then `steps` (3, C) are its next ones, and the others are left behind."""
        group, s = self.group, self.s[self.group.columns]
        bound, rounding, lost = found.bound[self.entries], found.rounding[self.entries], self.lost[group.rows]
        share = np.where((self.inwards > 0) | self.widened | self.leapt, self.fair, self.good)[group.places]
        allowed = np.maximum(share * self.size[self.entries], self.least[self.entries])
        edge = ~np.isfinite(np.array(group.ahead) - np.array(group.behind)).all(axis=0)
        open_ = ~lost & ((bound > allowed) | edge | self.suspicious[group.rows])
        if few(open_):
            return False
        rounded = (rounding >= 0.15 * bound) & ~edge & ~self.suspicious[group.rows]
        inward, outward = self.any(open_ & ~rounded), self.any(open_ & rounded)
        leap = ~self.leapt & ((inward & (s > APART)) | (outward & ~inward & (s < 1 / APART)))
        inward &= leap | (self.inwards < len(INWARDS))
        outward &= ~inward & (leap | ~self.widened)
        going = np.flatnonzero(inward | outward)
        if not going.size:
            return False
        deeper = np.where(self.leapt, ODD, s)[:, None] * 2.0 ** -np.array(INWARDS)[self.inwards % len(INWARDS)]
        wider = ODD * s[:, None] * 2.0 ** -np.array(OUTWARDS)
        steps = np.where(leap[:, None], ODD * 2.0 ** -np.array(FIRST), np.where(inward[:, None], deeper, wider))
        self.inwards, self.widened = self.inwards + (inward & ~leap), self.widened | (outward & ~leap)
        self.leapt |= leap
        self.group, entries = group.part(going)
        self.entries = self.entries[entries]
        self.inwards, self.widened, self.leapt = self.inwards[going], self.widened[going], self.leapt[going]
        finest = FINEST * powers(np.maximum(np.abs(self.x[self.group.columns]), FINEST))
        self.steps = np.maximum(steps[going].T, finest * 2.0 ** np.array([[2], [1], [0]]))
        return True

    def any(self, entries: Mask) -> Mask:
        """For each column whether one of its entries is so."""
        return np.bincount(self.group.places, entries, self.group.columns.size) > 0


def chunks(groups: Sequence[Group], function: Function, limit: int = 2**23) -> Iterator[Sequence[Group]]:
    """As many groups at a time as memory allows."""
    count = max(1, limit // (function.x.size + function.y.size + 1))
    for first in range(0, len(groups), count):
        yield groups[first:first + count]
