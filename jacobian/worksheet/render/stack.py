"""A formula that is asked for as a question of STACK: Moodle evaluates what is typed and names the misconception.

Answers are compared as on a page: by their numbers at two points, of sizes that all differ, and fingerprints of the
right answer and of the mistakes. Source: https://docs.stack-assessment.org/en/ (Authoring: Inputs, Potential response
trees); the fields are those of the questions that STACK itself writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib.resources import files

from jacobian.worksheet.answers.compare import fingerprint, weights
from jacobian.worksheet.answers.folding import resolve
from jacobian.worksheet.answers.maxima import NATIVE, Function, maxima, named, word
from jacobian.worksheet.answers.mistakes import SENTENCES
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.answers.table import values_of
from jacobian.worksheet.answers.text.names import canonical
from jacobian.worksheet.answers.values.reading import HINT, PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Real, Value

RIGHT, MISFIT = -1, -2          # what jac_code gives of the right answer, and where sizes do not fit
CODES = tuple(SENTENCES)        # of the others it gives the place of the message
POINTS, DIGITS = 2, 12          # at which answers are compared, and of a number
HOW = {"W . x": "the matrix product", "a*b": "the product entry by entry", "transpose(W)": "", "diagonal(v)": "",
       "eye(n)": "", "ones(n)": "", "inv(A)": "", "norm(x)": "", "z > 0": "1 where it holds, else 0"}
WORDS = "transpose,diagonal,eye,ones,inv,norm,total,trace,det,vec,kron,softmax"


def fields(item: Item, asked: str) -> str:
    """What stands in the question below its name; `asked` is HTML. Raises MissingRule where Maxima has no word."""
    question = item.question
    tree = resolve(question.tree(question.source[0]), question.reading_of(question.source[0], question.points[0]))
    answer = maxima(tree, Run(question.points[0], PAPER).all(tree))
    functions = [word(f) for f in _functions(question)]
    rows = list(_rows(question))
    codes = sorted({code for *_, code in rows} - {RIGHT})
    sentences = {RIGHT: "", **{code: SENTENCES[CODES[code]] for code in codes}, MISFIT: SENTENCES["sizes"]}
    allowed = ",".join((*map(canonical, question.points[0]), *functions, WORDS)).strip(",")
    return (f'<questiontext format="html">{_text(_told(item, asked, functions))}</questiontext>'
            f"<defaultgrade>{item.points:g}</defaultgrade><penalty>0.1</penalty><hidden>0</hidden>"
            f"<questionvariables>{_text(library(question))}</questionvariables>"
            f'<specificfeedback format="html">{_text("[[feedback:prt1]]")}</specificfeedback>'
            f'<questionnote format="html">{_text("")}</questionnote><questionsimplify>1</questionsimplify>'
            f"{_input(answer, allowed)}{_tree(sentences)}{_test(answer)}")


def library(question: Question) -> str:
    """The code that evaluates an answer, and the numbers by which it is known."""
    points = (", ".join(f"{canonical(name)} = {_value(x)}" for name, x in point.items() if name != HINT)
              for point in question.points[:POINTS])
    rows = list(_rows(question))
    shapes = dict.fromkeys(shape for both, *_ in rows for shape in both)
    weighed = (f"[{list(shape)}, [{', '.join(_matrix(weights(shape, k)) for k in (0, 1))}]]" for shape in shapes)
    known = (f"[{list(map(list, both))}, {numbers}, {code}]" for both, numbers, code in rows)
    return "\n".join((files("jacobian.worksheet.render").joinpath("stack.mac").read_text("utf-8"),
                      named([f for f in _functions(question) if word(f) not in NATIVE]),
                      f"jac_points: [{', '.join(f'[{point}]' for point in points)}];",
                      f"jac_weights: [{', '.join(weighed)}];", f"jac_rows: [{', '.join(known)}];"))


def _rows(question: Question) -> Iterator[tuple[tuple[tuple[int, int], ...], list[float], int]]:
    """The shapes and the fingerprint of the right answer and of the mistakes, the simplest first, with their codes."""
    points, rights = question.points[:POINTS], question.rights[:POINTS]
    found = [(0.0, RIGHT, rights)]
    for mistake, tree, _ in (row for rows, _ in question.single.rows.values() for row in rows):
        found.append((mistake.cost, CODES.index(mistake.name), values_of(tree, points)))
    for _, code, values in sorted(found, key=lambda row: row[0]):
        mark = fingerprint(values, rights) if values else None
        if mark is not None:
            yield tuple(shape for _, shape in mark.shape), [_rounded(x) for x in mark.numbers], code


def _functions(question: Question) -> list[Function]:
    """The elementwise functions of the answer and of what is given, each once."""
    trees = map(question.tree, (question.source[0], *(formula for _, formula in question.statements)))
    found = (node.data for tree in trees for node in tree.walk() if node.kind == "map" and not node.data.abstract)
    return list({word(f): f for f in found}.values())


def _told(item: Item, asked: str, functions: Iterable[str]) -> str:
    """The question without what STACK would take for its own marks, how answers are typed, and the field."""
    plain = asked.translate({ord(mark): f"&#{ord(mark)};" for mark in "[]{}\\"})
    names = [name for name in map(canonical, item.question.points[0]) if name]
    words = [f"<code>{escape(typed)}</code>{f' ({said})' if said else ''}"
             for typed, said in (*HOW.items(), *((f"{name}(z)", "") for name in functions))]
    return (f"{plain}<p>Quantities: {', '.join(f'<code>{name}</code>' for name in names)}. "
            f"Write {', '.join(words)}.</p><p>{escape(item.name)} = [[input:ans1]]</p><div>[[validation:ans1]]</div>")


def _input(answer: str, allowed: str) -> str:
    return (f"<input><name>ans1</name><type>algebraic</type><tans>{escape(answer)}</tans><boxsize>40</boxsize>"
            "<strictsyntax>1</strictsyntax><insertstars>0</insertstars><syntaxhint></syntaxhint>"
            f"<syntaxattribute>0</syntaxattribute><forbidwords></forbidwords><allowwords>{allowed}</allowwords>"
            "<forbidfloat>0</forbidfloat><requirelowestterms>0</requirelowestterms><checkanswertype>0</checkanswertype>"
            "<mustverify>1</mustverify><showvalidation>1</showvalidation><options></options></input>")


def _tree(sentences: Mapping[int, str]) -> str:
    """A node for each answer that is known, asked one after the other; the first is the right one."""
    last = len(sentences) - 1
    nodes = "".join(_node(k, code, sentence, k + 1 if k < last else -1)
                    for k, (code, sentence) in enumerate(sentences.items()))
    return ("<prt><name>prt1</name><value>1.0</value><autosimplify>1</autosimplify><feedbackstyle>1</feedbackstyle>"
            f"<feedbackvariables>{_text('jac_found: jac_code(ans1);')}</feedbackvariables>{nodes}</prt>")


def _node(k: int, code: int, sentence: str, beyond: int) -> str:
    score = float(code == RIGHT)
    return (f"<node><name>{k}</name><description></description><answertest>AlgEquiv</answertest><sans>jac_found</sans>"
            f"<tans>{code}</tans><testoptions></testoptions><quiet>1</quiet><truescoremode>=</truescoremode>"
            f"<truescore>{score}</truescore><truepenalty></truepenalty><truenextnode>-1</truenextnode>"
            f"<trueanswernote>prt1-{k + 1}-T</trueanswernote>"
            f'<truefeedback format="html">{_text(sentence)}</truefeedback>'
            "<falsescoremode>=</falsescoremode><falsescore>0.0</falsescore><falsepenalty></falsepenalty>"
            f"<falsenextnode>{beyond}</falsenextnode><falseanswernote>prt1-{k + 1}-F</falseanswernote>"
            f'<falsefeedback format="html">{_text("")}</falsefeedback></node>')


def _test(answer: str) -> str:
    """STACK's own test of the question: the right answer has all the points."""
    return (f"<qtest><testcase>1</testcase><testinput><name>ans1</name><value>{escape(answer)}</value></testinput>"
            "<expected><name>prt1</name><expectedscore>1.0</expectedscore><expectedpenalty>0.0</expectedpenalty>"
            "<expectedanswernote>prt1-1-T</expectedanswernote></expected></qtest>")


def _value(x: Value) -> str:
    """A number, or a matrix."""
    return str(_rounded(x.array.item())) if x.array.size == 1 else _matrix(x.array)


def _matrix(rows: Real) -> str:
    return f"matrix({', '.join(str([_rounded(x) for x in row]) for row in rows)})"


def _rounded(x: float) -> float:
    return float(f"{x:.{DIGITS}g}")


def _text(text: str) -> str:
    return f"<text><![CDATA[{text.replace(']]>', ']]&gt;')}]]></text>" if text else "<text></text>"
