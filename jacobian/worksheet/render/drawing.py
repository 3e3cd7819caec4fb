"""A simple SVG drawing, of straight edges, circles and labels, as a picture environment of LaTeX."""

from __future__ import annotations

import re
from math import hypot
from unicodedata import normalize
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from jacobian.printing.boxes import Name, Number, Sub
from jacobian.printing.latex import latex

Point = tuple[float, float]
UNIT = "0.75pt"                             # of a pixel of CSS, 1/96 inch
DOTS = 70                                   # of an edge: TeX has no room for thousands of full ones
EDGE = re.compile(r"M([\d.-]+) ([\d.-]+)L([\d.-]+) ([\d.-]+)")
KNOWN = {"svg", "g", "path", "circle", "text", "tspan"}


def drawing(svg: str) -> str:
    """The picture, or nothing for a drawing that has more in it than edges, circles and labels."""
    root = ElementTree.fromstring(svg)
    nodes = [(node.tag.rpartition("}")[2], node) for node in root.iter()]
    if any(tag not in KNOWN or EDGE.sub("", node.get("d", "")) for tag, node in nodes):
        return ""
    height = float(root.get("height", 0))
    units = {(_number(node, "cx"), _number(node, "cy")): _number(node, "r") for tag, node in nodes if tag == "circle"}
    edges = (map(float, edge) for _, node in nodes for edge in EDGE.findall(node.get("d", "")))
    lines = [*(_edge((x1, y1), (x2, y2), units, height) for x1, y1, x2, y2 in edges),
             *(rf"\put({x:g},{height - y:g}){{\circle{{{2 * r:g}}}}}" for (x, y), r in units.items()),
             *(_label(node, height) for tag, node in nodes if tag == "text")]
    inside = "%\n".join(lines)
    return (f"\\setlength{{\\unitlength}}{{{UNIT}}}%\n"
            f"\\fit{{\\begin{{picture}}({root.get('width')},{root.get('height')})\n{inside}%\n\\end{{picture}}}}")


def _edge(start: Point, end: Point, units: dict[Point, float], height: float) -> str:
    """The edge from rim to rim of two circles, as a dotted curve whose third point is in the middle."""
    (x1, y1), (x2, y2) = _shortened(start, end, units), _shortened(end, start, units)
    middle = f"({(x1 + x2) / 2:.2f},{height - (y1 + y2) / 2:.2f})"
    return rf"\qbezier[{DOTS}]({x1:.2f},{height - y1:.2f}){middle}({x2:.2f},{height - y2:.2f})"


def _shortened(near: Point, far: Point, units: dict[Point, float]) -> Point:
    (x, y), (u, v) = near, far
    share = units.get(near, 0) / hypot(u - x, v - y)
    return x + share * (u - x), y + share * (v - y)


def _label(node: Element, height: float) -> str:
    stem, *index = (normalize("NFKC", text) for text in node.itertext())
    box = Sub(Name(stem), Number("".join(index))) if index else Name(stem)
    return rf"\put({_number(node, 'x'):g},{height - _number(node, 'y'):g}){{\makebox(0,0)[b]{{${latex(box)}$}}}}"


def _number(node: Element, name: str) -> float:
    return float(node.get(name, 0))
