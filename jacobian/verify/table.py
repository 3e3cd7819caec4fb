"""Two Jacobians side by side as text, of large ones the part with the worst entries."""

from typing import Any

import numpy as np

from jacobian.numeric.function import Real

WIDE, TALL = 6, 8       # a Jacobian up to this size is shown whole, of a larger one the rows with the worst entries


def pick(blocks: Any, k: int) -> Real:
    """The k-th of a tuple of Jacobians; of a single one, itself."""
    return blocks[k] if isinstance(blocks, tuple) else blocks


def indices(at: tuple[Any, ...]) -> str:
    """[1, 0], and nothing for a scalar."""
    return f"[{', '.join(str(int(i)) for i in at)}]" if at else ""


def table(claimed: Real, found: Real, allowed: Real, width: int) -> list[str]:
    """claimed | numeric, a row per output entry, a column per input entry; * marks the wrong entries."""
    out, into = found.shape[:width], found.shape[width:]
    matrices = [a.reshape(int(np.prod(out)), int(np.prod(into))) for a in (claimed, found, allowed)]
    if matrices[1].size == 0:
        return ["  (no entries)"]
    excess = surplus(*matrices)
    rows, columns = largest(excess.max(axis=1), TALL), largest(excess.max(axis=0), WIDE)
    head = [indices(np.unravel_index(j, into)) for j in columns]
    left = [[f"{matrices[0][i, j] + 0.0:.4g}" + ("*" if excess[i, j] > 1 else " ") for j in columns] for i in rows]
    right = [[f"{matrices[1][i, j] + 0.0:.4g} " for j in columns] for i in rows]
    size = max(len(cell) for row in [[h + " " for h in head], *left, *right] for cell in row)
    heads = ["y" + indices(np.unravel_index(i, out)) for i in rows]
    margin = max(map(len, heads))
    span = len(columns) * (size + 1)
    lines = [f"  {'':{margin}} {'claimed':^{span}} | {'numeric':^{span}}".rstrip()]
    lines += [line("", [h + " " for h in head] * 2, margin, size)] if into else []
    lines += [line(row, a + b, margin, size) for row, a, b in zip(heads, left, right, strict=True)]
    hidden = matrices[1].size - len(rows) * len(columns)
    return lines + ([f"  ({hidden} further entries are not shown)"] if hidden else [])


def line(name: str, cells: list[str], margin: int, size: int) -> str:
    """name  cells of the left half | cells of the right half."""
    half = len(cells) // 2
    left, right = ("".join(f" {cell:>{size}}" for cell in part) for part in (cells[:half], cells[half:]))
    return f"  {name:{margin}} {left} | {right}".rstrip()


def surplus(claimed: Real, found: Real, allowed: Real) -> Real:
    """|claimed − numeric| / allowed; inf where the claim is nan or infinite and the number is known, 0 where it is not.

    Above 1 an entry is wrong.
    """
    with np.errstate(all="ignore"):
        gap = np.abs(claimed - found)
        ratio = np.where(gap == 0, 0.0, gap / allowed)
    ratio = np.where(np.isfinite(claimed), ratio, np.inf)
    return np.where(np.isfinite(found) & np.isfinite(allowed), ratio, 0.0)


def largest(excess: Real, count: int) -> list[int]:
    """The places of the largest entries, in their order."""
    return sorted(int(i) for i in np.argsort(-excess, kind="stable")[:count])
