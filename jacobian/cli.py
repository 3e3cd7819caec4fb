"""The command line: jacobian worksheet …"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from jacobian.command import Parser
from jacobian.worksheet.network import ACTIVATIONS, LOSSES
from jacobian.worksheet.sheet import TOPICS, worksheet

EXAMPLES = """examples:
  jacobian worksheet backprop --out worksheets
  jacobian worksheet backprop --network 2-3-4-1 --activation relu --loss half-squared --seed 7 --out worksheets
  jacobian worksheet backprop --network 3-4-2 --activation tanh --loss cross-entropy --seed 1 --out worksheets
"""


def parser() -> Parser:
    main = Parser(prog="jacobian", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
                  description="Matrix calculus with explicit, structured Jacobians.")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", required=True)
    sheet = commands.add_parser("worksheet", help="write a worksheet and its key", epilog=EXAMPLES,
                                formatter_class=argparse.RawDescriptionHelpFormatter,
                                description="Write a worksheet and its key, as HTML and as Markdown; every formula and "
                                            "number on it is checked first.")
    sheet.add_argument("topic", help=f"what it is about: {', '.join(TOPICS)}")
    sheet.add_argument("--network", default="2-3-4-1", metavar="SIZES", help="sizes of the layers (default 2-3-4-1)")
    sheet.add_argument("--activation", default="relu", metavar="NAME",
                       help=f"{', '.join(ACTIVATIONS)} (default relu)")
    sheet.add_argument("--loss", default="half-squared", metavar="NAME",
                       help=f"{', '.join(LOSSES)} (default half-squared)")
    sheet.add_argument("--seed", type=int, default=0, metavar="N",
                       help="which numbers; the same seed gives the same sheet")
    sheet.add_argument("--out", default="worksheets", metavar="DIR", help="folder for the files (default worksheets)")
    sheet.set_defaults(run=_worksheet)
    return main


def _worksheet(options: argparse.Namespace) -> None:
    made = worksheet(options.topic, network=options.network, activation=options.activation, loss=options.loss,
                     seed=options.seed)
    for path in made.save_all(options.out):
        print(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Bad input is an InputError."""
    options = parser().parse_args(arguments)
    options.run(options)
    return 0
