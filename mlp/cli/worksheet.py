"""mlp worksheet LAYER: questions on layers, made from what each layer is in symbols, with their key."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial

import jacobian as jac
from mlp.layer import Layer
from mlp.layers import LAYERS
from mlp.network import choose

HELP = "write a worksheet on a layer and its key"
DESCRIPTION = """Write a worksheet on one layer or several, and its key: shapes, local Jacobians, the whole
derivative, a mistake to find, numbers. Every formula and number is checked first."""
EXAMPLES = """examples:
  mlp worksheet softmax                an HTML and a Markdown file, and their keys
  mlp worksheet layernorm --format pdf,ipynb --seed 7 --hints end
  mlp worksheet sigmoid tanh softsign --level 1-3 --count 8
  mlp worksheet affine --variants 20 --format pdf --out exam
"""
NAMED: dict[str, Layer] = {}            # of several layers with one name the first
for layer in LAYERS:
    NAMED.setdefault(layer.title.lower(), layer)


def arguments(parser: jac.Parser) -> None:
    """What is understood after `mlp worksheet`."""
    parser.add_argument("layers", nargs="+", metavar="LAYER", help=f"one or more of {', '.join(NAMED)}")
    jac.sheet_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the files and say where. Raises InputError for a name that no layer has."""
    names = dict.fromkeys(word.lower().replace("-", "") for word in options.layers)
    layers = [choose(NAMED, name, "the layer") for name in names]
    formulas = tuple(replace(layer.formula, of=layer.title if layers[1:] else "") for layer in layers)
    title = ", ".join(layer.title for layer in layers)
    jac.save_sheet(options, partial(jac.worksheet, formulas=formulas, title=title, stem="+".join(names)))
    return 0
