"""The sheet on back-propagation: a network, and the questions on it from shapes to a step of SGD."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from jacobian.printing.boxes import Box, Name, Super, Words
from jacobian.printing.names import T, call, join
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.worksheet.backprop.network import sizes
from jacobian.worksheet.backprop.questions import BACKPROP
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.document import Block, Display, Exercise, Paragraph, Parts
from jacobian.worksheet.made import Choice, Entry, Made, Offer, Options
from jacobian.worksheet.matter import grid
from jacobian.worksheet.mix import mix
from jacobian.worksheet.pictures import network as picture


def offer(options: Options) -> Offer:
    """The questions on a network. Raises InputError for one that cannot be, and where no small numbers are found."""
    sizes(options.network)      # what is no network is said at once
    return offered(Subject(options.network, options.activation, options.loss, options.seed,
                           notation=options.notation, batch=options.batch, samples=options.samples))


def offered(s: Subject) -> Offer:
    """The questions of a subject."""
    batch = (f"a batch of {s.batch}",) if s.batch else ()
    about = (f"Network {s.text}", *batch, *(choice.title for choice in s.choices))
    asked = {question.__name__: question(s) for question in BACKPROP}
    entries = tuple(Entry(one.level, kind, (s, kind), partial(_same, one)) for kind, one in asked.items() if one)
    return Offer("Back-propagation by Jacobians", about, entries, introduction(s), "the network",
                 s.derivation.limits, s.tells, s.notation, explained(s))


def _same(one: Exercise) -> Exercise:
    return one


def made(s: Subject) -> Made:
    """The sheet of a subject."""
    return mix([offered(s)], Choice())


def explained(s: Subject) -> tuple[str, ...]:
    """The signs that the introduction says the meaning of."""
    batch = ("1", "K_") if s.batch else ()
    return (*(choice.sign for choice in s.choices), text(s.signal), *batch)


def introduction(s: Subject) -> tuple[Block, ...]:
    """The network, its formulas, its numbers and the conventions."""
    net = s.network
    added = ", added up over the samples" if s.batch else ""
    meanings = (f"{choice.meaning.format(**net.called, added=added)}." for choice in s.choices if choice.meaning)

    def equations(names: Iterable[Expr], right: Callable[[Expr], Box]) -> Display:
        return Display(join([equation(boxes(x), right(x)) for x in names], Words("and")))

    def definition(y: Expr) -> Box:
        return boxes(y.args[0])

    def numbers(x: Expr) -> Box:
        return grid(s.numbers(x))

    return (
        picture(sizes(s.text), (str(net.x), *(str(layer.a) for layer in net.layers)), net.called["W"]),
        *(equations(dict.fromkeys((layer.z, layer.a)), definition) for layer in net.layers),
        equations([net.goal], definition),
        Paragraph((" ".join((*meanings, "The numbers:")),)),
        equations([net.x, net.t], numbers),
        *(equations([layer.W, layer.b], numbers) for layer in net.layers),
        Paragraph((*_batch(s), "The sign ", s.signal, " stands for the gradient of the loss ", boxes(net.goal),
                   " by the pre-activation ", s.letter("z"), " of a layer, in the shape of ", s.letter("z"), ", and ",
                   Name("n"), " with an index for the number of units of a layer. Long numbers are rounded to four "
                   "decimals, but computed without rounding.")),
    )


def _batch(s: Subject) -> Parts:
    """How the samples of a batch lie."""
    if not s.batch:
        return ()
    swapped = (" The commutation matrix ", Name("K"), " takes ", call(Name("vec"), s.letter("W")), " to ",
               call(Name("vec"), Super(s.letter("W"), T)), ".") if s.samples == "rows" else ()
    return (f"The samples are the {s.samples} of ", boxes(s.network.x), ", and ", Name("N"), " is their number; ",
            Name("1", "bold"), " is a column of ones. The loss is the mean over the samples.", *swapped, " ")
