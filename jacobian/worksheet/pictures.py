"""Drawings for sheets, as SVG that takes the colour of the text around it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from itertools import pairwise, product

from jacobian.printing.mathml import ITALIC
from jacobian.worksheet.document import Picture

ACROSS, DOWN, RADIUS = 150, 44, 13        # from layer to layer, from unit to unit, of a unit
MARGIN, TOP, BOTTOM = 40, 46, 30


def network(sizes: Sequence[int], names: Sequence[str] = (), weights: str = "W") -> Picture:
    """A network of layers, such as 2-3-4-1, with a name over each layer and the W under its bundle of edges."""
    names = tuple(names) or ("x", *(f"a{layer}" for layer in range(1, len(sizes) - 1)), "h")
    height = TOP + DOWN * max(sizes) + BOTTOM
    width = 2 * MARGIN + ACROSS * (len(sizes) - 1)
    places = [_places(layer, size, max(sizes)) for layer, size in enumerate(sizes)]
    edges = "".join(f"M{x1:g} {y1:g}L{x2:g} {y2:g}" for left, right in pairwise(places)
                    for (x1, y1), (x2, y2) in product(left, right))
    units = "".join(f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>' for layer in places for x, y in layer)
    labels = "".join(_label(MARGIN + ACROSS * layer, TOP - 20, name) for layer, name in enumerate(names))
    edge_labels = "".join(_label(MARGIN + ACROSS * (k - 0.5), height - 8, f"{weights}{k}")
                          for k in range(1, len(sizes)))
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
           'font-family="Jacobian Math, Cambria Math, serif" font-size="17" text-anchor="middle" fill="currentColor">'
           f'<path d="{edges}" stroke="currentColor" stroke-opacity="0.35" fill="none"/>'
           f'<g fill="#fff" stroke="currentColor" stroke-width="1.4">{units}</g>'
           f'{labels}{edge_labels}</svg>')
    return Picture(svg, _words(sizes, names, weights))


def _places(layer: int, size: int, most: int) -> list[tuple[float, float]]:
    """The centres of the units of a layer, in the middle of the height."""
    return [(MARGIN + ACROSS * layer, TOP + DOWN * (unit + (most - size + 1) / 2)) for unit in range(size)]


def _label(x: float, y: float, name: str) -> str:
    """The name, a letter in italics and its index."""
    stem, index = _split(name)
    below = f'<tspan dy="4" font-size="70%">{escape(index)}</tspan>' if index else ""
    return f'<text x="{x:g}" y="{y:g}">{escape(stem.translate(ITALIC))}{below}</text>'


def _split(name: str) -> tuple[str, str]:
    """(a, 1) of a1 and of a₁."""
    plain = unicodedata.normalize("NFKC", name)
    stem = plain.rstrip("0123456789")
    return stem, plain[len(stem):]


def _words(sizes: Sequence[int], names: Sequence[str], weight: str) -> str:
    layers = (f"{name} with {size} unit{'' if size == 1 else 's'}" for name, size in zip(names, sizes, strict=True))
    weights = ", ".join(f"{weight}{layer}" for layer in range(1, len(sizes)))
    return (f"A network of layers, from left to right: {', '.join(layers)}. "
            f"Every unit feeds every unit of the next layer; the edges carry {weights}.")
