"""What a sheet takes for granted, in words: how derivatives lie, and what each of its signs stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jacobian.printing.boxes import APPLY, Box, Fence, Fraction, Name, Number, Row, Sub, Super, Symbol
from jacobian.printing.names import CIRC, MINUS, OPLUS, OSLASH, OTIMES, PLUS, T, boxed, call, join, label
from jacobian.printing.notation import equation
from jacobian.symbolic.elementwise import LEAKY, TABLE, X
from jacobian.worksheet.document import Block, Bullets, Paragraph, Parts, Remark, pieces
from jacobian.worksheet.notation import SIGNAL, Notation
from jacobian.worksheet.wording import gradients, layout, lying, reading

A, B, p, u, v = map(label, "ABpuv")
ONE = Number("1")
DELTA = Name("Δ")
EXP = call(Name("exp"), u)
SQUARE = Super(Name("t"), Number("2"))
DENOMINATOR = Row((ONE, PLUS, call(Name("exp"), Row((MINUS, u)))))
COMPARED = set(map(Symbol, ("<", ">", "≤", "≥", "=", "≠")))
PLAIN = ("exp", "log", "sin", "cos", "tan", "abs", "sign")         # functions that nobody needs to be told


def _function(word: str, form: Box) -> Parts:
    return (equation(call(Name(word), u), form), ".")


def _inverse(word: str, of: str, where: str = "") -> Parts:
    return (call(Name(word), u), f" is the number{where} whose {of} is ", u, ".")


def _hyperbolic(word: str, sign: Box) -> Parts:
    return _function(word, Fraction(Row((EXP, sign, call(Name("exp"), Row((MINUS, u))))), Number("2")))


def _indexed(word: str, index: str = "n") -> Box:
    return Sub(Name(word), Name(index))


# What each sign stands for: a row for each, by what shows it in a formula, "f(" for a function and "S_" with an index.
FUNCTIONS: dict[str, Parts] = {
    f"{word}(": _function(word, boxed(f.form.subs(X, "u"))) for word, f in {**TABLE, LEAKY.name: LEAKY}.items()
    if word not in PLAIN
} | {
    "arcsin(": _inverse("arcsin", "sine", " from −π/2 to π/2"), "arccos(": _inverse("arccos", "cosine", " from 0 to π"),
    "arctan(": _inverse("arctan", "tangent", " between −π/2 and π/2"), "arcsinh(": _inverse("arcsinh", "sinh"),
    "arccosh(": _inverse("arccosh", "cosh", " from 0 on"), "arctanh(": _inverse("arctanh", "tanh"),
    "sinh(": _hyperbolic("sinh", MINUS), "cosh(": _hyperbolic("cosh", PLUS),
    "erf(": (call(Name("erf"), u), " is 2/√π times the integral of ", call(Name("exp"), Row((MINUS, SQUARE))),
             " over t from 0 to ", u, "."),
    "SiLU(": _function("SiLU", Fraction(u, DENOMINATOR)),
}
SIGNS: dict[str, Parts] = {
    "∘": (join([u, v], CIRC), " is the product entry by entry; an exponent with ∘ is a power of each entry."),
    "⊘": (join([u, v], OSLASH), " is the quotient entry by entry."),
    "⊗": (join([A, B], OTIMES), " is the Kronecker product: each entry of ", A, " times the whole of ", B, "."),
    "⊕": (join([A, B], OPLUS), " is the matrix with the blocks ", A, " and ", B, " on its diagonal, and 0 elsewhere."),
    "‖": (Fence("‖", A, "‖"), " is the root of the sum of the squares of all entries, of a vector and of a matrix."),
    "‖_1": (Sub(Fence("‖", A, "‖"), ONE), " is the sum of the absolute values of all entries."),
    "‖_2": (Sub(Fence("‖", A, "‖"), Number("2")), " is the largest singular value."),
    "‖_∗": (Sub(Fence("‖", A, "‖"), Symbol("∗")), " is the sum of the singular values."),
    "Δ": (Row((DELTA, u)), " is a small change of ", u, "."),
    "1": (Name("1", "bold"), " is a vector or a matrix of ones."),
    "0": (Name("0", "bold"), " is a vector or a matrix of zeros."),
    "I_": (_indexed("I"), " is the identity matrix with ", Name("n"), " rows."),
    "K_": (_indexed("K", "m,n"), " is the permutation that takes ", call(Name("vec"), A), " to ",
           call(Name("vec"), Super(A, T)), "."),
    "E_": (_indexed("E", "c"), " is the matrix whose rows are ", Super(_indexed("e", "k"), T), ", with each entry of ",
           Name("c"), " in turn for ", Name("k"), "."),
    "e_": (_indexed("e", "k"), " is the vector with 1 in place ", Name("k"), " and 0 elsewhere."),
    "[": ("Square brackets around a comparison are 1 where it holds, else 0.",),
    "′": ("A prime stands for the derivative of a function of one number.",),
    ":": (Sub(u, Row((Name("k"), Symbol(":"), Name("l")))), " are the entries from ", Name("k"), " to ", Name("l"),
          ", of a matrix the rows."),
    "mat(": (call(Name("mat"), u), " is the matrix with these entries, row after row."),
    "diag(": (call(Name("diag"), u), " is the diagonal matrix with the entries of ", u, "."),
    "diagonal(": (call(Name("diagonal"), A), " are the entries on the diagonal, in a column."),
    "tr(": (call(Name("tr"), A), " is the trace, the sum of the entries on the diagonal."),
    "det(": (call(Name("det"), A), " is the determinant."),
    "log det(": (call(Name("log det"), A), " is the logarithm of the determinant of ", A, "."),
    "adj(": (call(Name("adj"), A), " is the adjugate, the transposed matrix of the cofactors."),
    "chol(": (call(Name("chol"), A), " is the lower triangular matrix with a positive diagonal whose product with its "
              "transpose is ", A, "."),
    "eig(": (call(Name("eig"), A), " are the eigenvalues."),
    "max(": ("The function max gives the largest of what stands in it.",),
    "min(": ("The function min gives the smallest of what stands in it.",),
    **FUNCTIONS,
    "σ(": _function("σ", Fraction(ONE, DENOMINATOR)),
    "ReLU(": (equation(call(Name("ReLU"), u), call(Name("max"), u, Number("0"))), "; its slope at 0 is taken as 0."),
    "tanh(": ("The function tanh is the hyperbolic tangent, with the derivative ",
              Row((ONE, MINUS, Super(Name("tanh"), Number("2")))), "."),
    "softmax(": ("The entries of ", call(Name("softmax"), u), " are the exponentials of those of ", u,
                 ", divided by their sum."),
    "logsumexp(": (call(Name("logsumexp"), u), " is the logarithm of the sum of the exponentials of the entries."),
    "CE(": (call(Name("CE"), u, p), " is the cross-entropy, minus the sum of the entries of ", p,
            " times the logarithms of those of ", call(Name("softmax"), u), "."),
}


def signs(notation: Notation) -> dict[str, Parts]:
    """The rows with those that a notation changes."""
    letter = dict(notation.names).get(SIGNAL, SIGNAL)
    z = label(dict(notation.names).get("z", "z"))
    return {
        "vec(": (call(Name("vec"), A), " are the entries of ", A, f" in a column, {reading(notation)}."),
        letter: (Name(letter), " is the gradient of the result by ", z, ", what an activation is applied to."),
        **SIGNS,
    }


def conventions(blocks: Iterable[Block], notation: Notation, explained: Iterable[str] = ()) -> Remark:
    """How derivatives lie on a sheet with these blocks, and each sign that occurs in them and is not `explained` yet.

    Signs in an explanation are explained, too. What the notation chooses for vec is said in any case.
    """
    rows = signs(notation)
    there, waiting = set(explained), _marks(*blocks) | ({"vec("} if notation.vec else set())
    while waiting := (waiting - there) & rows.keys():
        there |= waiting
        waiting = _marks(*(rows[sign] for sign in waiting))
    said = [words for sign, words in rows.items() if sign in there - {*explained}]
    lies = f"{lying(notation)[:-1]} ({layout(notation)}). {gradients(notation)} Vectors are columns."
    return Remark("Convention", (Paragraph((lies,)), *([Bullets(tuple(said))] if said else [])))


def _marks(*parts: object) -> set[str]:
    return {mark for piece in pieces(parts) for mark in marks_of(piece)}


def marks_of(piece: object) -> Iterator[str]:
    """By what a sign shows in a box."""
    match piece:
        case Name(text, style):
            yield from (text,) if text not in "01" or style == "bold" else ()
        case Symbol(text):
            yield text
        case Row((Name(text) | Super(Name(text)), symbol, *_)) if symbol == APPLY:
            yield f"{text}("
        case Sub(_, Row((_, Symbol(":" as text), _))):
            yield text
        case Sub(Name("e" | "E"), Number()):                # a quantity that is called e1
            pass
        case Sub(Name(text)):
            yield f"{text}_"
        case Sub(Fence("‖"), Number(mark) | Symbol(mark)):
            yield f"‖_{mark}"
        case Fence("[", Row(items)):
            yield from ("[",) if any(item in COMPARED for item in items) else ()
        case Fence(left):
            yield left
