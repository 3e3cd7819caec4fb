"""A tree of an answer, printed as NumPy, MATLAB and LaTeX, as a test prints mistakes to have them graded again."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from jacobian.worksheet.answers.node import Node

NUMPY_MAPS = {"σ": "sigmoid", "ReLU": "relu", "abs": "abs"}
Printer = Callable[[Node], str]


def number(node: Node) -> str:
    x = Fraction(node.data)
    return str(x) if x.denominator == 1 else f"({x.numerator}/{x.denominator})"


def called(name: str, print_: Printer, node: Node) -> str:
    return f"{name}({', '.join(map(print_, node.args))})"


def slope(name: str) -> str:
    return f"{NUMPY_MAPS.get(name, name)}'"


def matlab(node: Node) -> str:
    """MATLAB, every operation in brackets."""
    args = [matlab(arg) for arg in node.args]
    match node.kind:
        case "number":
            return number(node)
        case "name":
            return str(node.data)
        case "ones":
            return called("ones", matlab, node) if args else "ones"
        case "eye":
            return called("eye", matlab, node) if args else "I"
        case "neg":
            return f"(-{args[0]})"
        case "turn":
            return f"({args[0]})'"
        case "product" | "times" | "+" | "-" | "/":
            sign = {"product": "*", "times": ".*"}.get(node.kind, node.kind)
            return f"({args[0]} {sign} {args[1]})"
        case "power" | "^":
            return f"({args[0]}){'^' if node.kind == '^' else '.^'}({args[1]})"
        case "map":
            return f"{NUMPY_MAPS.get(node.data.name, node.data.name)}({args[0]})"
        case "slope":
            return f"{slope(node.data.name)}({args[0]})"
        case "compare":
            return f"({args[0]} {node.data} {args[1]})"
        case "sum":
            return f"sum(sum({args[0]}))" if node.data is None else f"sum({args[0]}, {node.data + 1})" + "'" * (
                node.data == 0)
        case "mean":
            return f"mean(mean({args[0]}))" if node.data is None else f"mean({args[0]}, {node.data + 1})" + "'" * (
                node.data == 0)
    return called(node.kind, matlab, node)


def latex(node: Node) -> str:
    """LaTeX."""
    args = [latex(arg) for arg in node.args]
    match node.kind:
        case "number":
            x = Fraction(node.data)
            return str(x) if x.denominator == 1 else rf"\frac{{{x.numerator}}}{{{x.denominator}}}"
        case "name":
            stem = str(node.data).rstrip("0123456789")
            index = str(node.data)[len(stem):]
            spelled = rf"\{stem}" if stem in ("delta", "eta", "mu") else stem
            return f"{spelled}_{{{index}}}" if index else f"{spelled} "
        case "ones":
            return rf"\operatorname{{ones}}({', '.join(args)})" if args else r"\mathbf{1}"
        case "neg":
            return rf"\left(-{args[0]}\right)"
        case "turn":
            return rf"\left({args[0]}\right)^\top"
        case "product":
            return rf"\left({args[0]}\right) \left({args[1]}\right)"
        case "times":
            return rf"\left({args[0]} \odot {args[1]}\right)"
        case "+" | "-":
            return rf"\left({args[0]} {node.kind} {args[1]}\right)"
        case "/":
            return rf"\frac{{{args[0]}}}{{{args[1]}}}"
        case "power" | "^":
            return rf"\left({args[0]}\right)^{{{args[1]}}}"
        case "map":
            return rf"\mathrm{{{NUMPY_MAPS.get(node.data.name, node.data.name)}}}\left({args[0]}\right)"
        case "slope":
            return rf"\mathrm{{{NUMPY_MAPS.get(node.data.name, node.data.name)}}}'\left({args[0]}\right)"
        case "norm":
            return rf"\lVert {args[0]} \rVert"
        case "inv":
            return rf"\left({args[0]}\right)^{{-1}}"
        case "compare":
            return f"({args[0]} {node.data} {args[1]})"
        case "eye":
            return rf"\operatorname{{eye}}({', '.join(args)})" if args else "I"
    return rf"\operatorname{{{node.kind}}}({', '.join(args)})"


def numpy(node: Node) -> str:
    """NumPy."""
    args = [numpy(arg) for arg in node.args]
    match node.kind:
        case "number":
            return number(node)
        case "name":
            return str(node.data)
        case "neg":
            return f"(-{args[0]})"
        case "turn":
            return f"({args[0]}).T"
        case "product" | "times" | "+" | "-" | "/":
            sign = {"product": "@", "times": "*"}.get(node.kind, node.kind)
            return f"({args[0]} {sign} {args[1]})"
        case "power" | "^":
            return f"({args[0]})**({args[1]})"
        case "map":
            name = NUMPY_MAPS.get(node.data.name, node.data.name)
            return f"np.{name}({args[0]})" if name in ("tanh", "exp", "log", "sqrt", "abs") else f"{name}({args[0]})"
        case "slope":
            return f"{NUMPY_MAPS.get(node.data.name, node.data.name)}_prime({args[0]})"
        case "compare":
            return f"({args[0]} {node.data} {args[1]})"
        case "sum" | "mean":
            return f"np.{node.kind}({args[0]}{'' if node.data is None else f', axis={node.data}'})"
        case "inv" | "det" | "norm":
            return f"np.linalg.{node.kind}({args[0]})"
        case "diag" | "trace" | "ones" | "eye":
            return f"np.{node.kind}({', '.join(args)})"
    return called(node.kind, numpy, node)


def certainly_numpy(node: Node) -> str:
    """NumPy with a sign that nothing else has: without one, D * W may as well mean a matrix product."""
    text = numpy(node)
    return text if "@" in text or "np." in text or "**" in text else f"np.asarray({text})"


SYNTAXES: dict[str, Printer] = {"NumPy": certainly_numpy, "MATLAB": matlab, "LaTeX": latex}
