"""The formats of a sheet: what each demands, and that none of them holds anything of the key."""

import json
import re
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_boxes import random_boxes

import jacobian as jac
from jacobian.__main__ import main
from jacobian.printing.boxes import Box, Grid, Name, Number, Row, Sub, Symbol, Words
from jacobian.printing.latex import latex as in_latex
from jacobian.printing.mathml import mathml
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import alt, text
from jacobian.printing.typst import SYMBOLS, typst
from jacobian.worksheet.answers.sheet import Item, Sheet, written
from jacobian.worksheet.answers.sheet import sheet as read
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.document import Display, Document, Exercise, Mark, Paragraph, Table, flat
from jacobian.worksheet.matter import grid
from jacobian.worksheet.pictures import network
from jacobian.worksheet.render.check import check
from jacobian.worksheet.render.clauses import columns, pieces
from jacobian.worksheet.render.drawing import drawing
from jacobian.worksheet.render.latex import latex
from jacobian.worksheet.render.marking import marking
from jacobian.worksheet.render.moodle import moodle
from jacobian.worksheet.render.notebook import notebook
from jacobian.worksheet.render.pdf import pdf, source
from jacobian.worksheet.render.seal import sealed
from jacobian.worksheet.render.text import text as plain
from jacobian.worksheet.render.values import identifier, values
from jacobian.worksheet.sheet import FORMATS, KEYED
from jacobian.worksheet.topics import TOPICS

NEEDS = {"pdf": "typst", "ipynb": "nbformat"}
ENDINGS = [pytest.param(ending, marks=pytest.mark.extra) if ending in NEEDS else ending for ending in FORMATS
           if ending not in KEYED]
FEW = {"gradients", "diagonal"}
SOME = [topic if topic in FEW else pytest.param(topic, marks=pytest.mark.slow) for topic in TOPICS]
KINDS = [{"seed": 7}, {"network": "4-3-3-2", "activation": "tanh", "loss": "cross-entropy", "seed": 5}]
HOSTILE = ["\\input{x} $ % # & _ ^ ~ { }", '"); #panic("x"); (', "]]> </text> <b>", "{1:NUMERICAL:=1:0}",
           "\x1b[31m \x00 \x07"]
z1 = Sub(Name("z"), Number("1"))
EQUALS = Symbol("=")


WRITERS = (in_latex, mathml, alt, text, typst)


def told(made, options: dict) -> list:
    """What a sheet gives: the definitions, the numbers, and the displayed formulas of questions."""
    usual = {"network": "2-3-4-1", "activation": "relu", "loss": "half-squared"}
    s = Subject(*(usual | options).values())
    return [*(equation(boxes(y), boxes(y.args[0])) for y in s.network.named),
            *(equation(boxes(x), grid(value)) for x, value in s.numbers.values.items()),
            *(block.box for exercise in made.exercises for block in exercise.question if isinstance(block, Display))]


def said(box) -> Document:
    return Document("title", "", "en", (Display(box),))


def everything_in(made: bytes | str) -> str:
    """All that stands in a file; of a PDF what its compressed streams and its encoded words hold, too."""
    if isinstance(made, str):
        return made.replace("\\\\", "\\") if made.startswith("{") else made
    whole = made.decode("latin-1")
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL):
        try:
            whole += zlib.decompress(found[1]).decode("latin-1")
        except zlib.error:
            continue
    heard = "".join(bytes.fromhex(text).decode("utf-16-be") for text in re.findall(r"<FEFF([0-9A-F]+)>", whole))
    return heard + whole.replace("\\(", "(").replace("\\)", ")")


# ---- no answer leaks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("ending", ENDINGS)
def test_no_answer_stands_in_a_file_for_students(ending: str, options: dict) -> None:
    """Neither as it is seen in any notation nor as it is heard; the key holds what is searched for."""
    made = jac.worksheet("backprop", **options)
    sheet, key = (everything_in(FORMATS[ending](document)) for document in (made.sheet, made.key))
    found = [block.box for exercise in made.exercises for block in flat(exercise.answer) if isinstance(block, Display)]
    found += [Row(box.items[-2:]) for box in found if len(box.items) > 2]
    answers = {write(box) for box in found for write in WRITERS}
    sheet += source(made.sheet) if ending == "pdf" else ""
    given = [write(box) for box in told(made, options) for write in WRITERS]
    answers = {answer for answer in answers if len(answer) > 12 and not any(answer in formula for formula in given)}
    assert len(answers) > 60
    assert not [answer for answer in answers if answer in sheet]
    assert sum(answer in key for answer in answers) >= 5       # the key holds what is searched for


@pytest.mark.parametrize("topic", SOME)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_students_file_is_the_same_whatever_answers_marks_and_hints_are(ending: str, topic: str) -> None:
    """Byte for byte: text, metadata, words for formulas, names and hidden cells. What is asked says the rest."""
    made, other = (jac.worksheet(topic, seed=7) for _ in range(2))
    other.__dict__["exercises"] = [
        replace(exercise, answer=(Paragraph(("another",)),), asked=(), hints=(("another hint",),))
        for exercise in made.exercises]
    assert FORMATS[ending](other.sheet) == FORMATS[ending](made.sheet)
    assert FORMATS[ending](other.key) != FORMATS[ending](made.key)


@pytest.mark.extra
def test_no_number_of_the_key_stands_in_the_cells_of_a_students_notebook() -> None:
    made = jac.worksheet("backprop", seed=7)
    cells = json.loads(notebook(made.sheet))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    answers = [value.code for exercise in made.exercises for value in values(exercise.answer)]
    given = [value.code for block in made.sheet.blocks for value in values(
        block.question if isinstance(block, Exercise) else (block,))]
    hidden = {answer for answer in answers if len(answer) > 12} - set(given)
    assert len(hidden) > 20
    assert not [answer for answer in hidden for cell in code if answer in cell]
    assert not [cell for cell in cells if cell["cell_type"] == "code" and cell["outputs"]]


# ---- PDF -----------------------------------------------------------------------------------------------------------


@pytest.mark.extra
def test_a_pdf_says_that_it_is_pdf_ua_with_title_language_and_its_fonts_inside() -> None:
    whole = everything_in(pdf(jac.worksheet("backprop", seed=7).sheet))
    assert re.search(r"pdfuaid:part(?:>|=\")1", whole)
    assert "Back-propagation by Jacobians" in whole
    assert re.search(r"/Lang ?\(en", whole)
    assert re.search(r"/Marked true", whole)
    assert len(re.findall(r"/FontDescriptor \d+ 0 R", whole)) <= len(re.findall(r"/FontFile[23]? ", whole))
    assert {"/H1", "/Table", "/TH", "/Formula", "/Figure", "/L"} <= set(re.findall(r"/S ?(/\w+)", whole))


def test_every_formula_is_given_its_words_for_a_pdf() -> None:
    written = re.findall(r'"([^"]*)", \$', source(jac.worksheet("backprop", seed=7).key))
    assert len(written) > 200
    assert all(written)
    assert written[0] == "z sub 1"


@pytest.mark.extra
@pytest.mark.parametrize("part", ["sheet", "key"])
def test_every_formula_of_a_pdf_has_its_words(part: str) -> None:
    document = getattr(jac.worksheet("backprop", seed=7), part)
    whole = everything_in(pdf(document))
    formulas = [entry for entry in whole.split("endobj") if "/S/Formula" in entry]
    assert len(formulas) == len(re.findall(r"\", \$", source(document)))
    assert all("/Alt" in formula for formula in formulas)
    assert "z sub 1" in whole


@pytest.mark.extra
def test_a_pdf_is_the_same_bytes_in_another_process() -> None:
    code = ("import hashlib, jacobian as jac; from jacobian.worksheet.sheet import FORMATS; "
            "made = jac.worksheet('backprop'); print(hashlib.sha256(FORMATS['pdf'](made.key)).hexdigest())")
    said_by = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
               for _ in range(2)}
    assert len(said_by) == 1


@pytest.mark.extra
@pytest.mark.parametrize(("paper", "size"), [("a4", (595.28, 841.89)), ("letter", (612, 792))])
def test_pages_are_a4_or_letter(paper: str, size: tuple[float, float]) -> None:
    whole = everything_in(pdf(said(z1), paper))
    [found] = set(re.findall(r"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", whole))
    assert tuple(map(float, found)) == pytest.approx(size, abs=0.01)


@pytest.mark.extra
def test_a_formula_wider_than_the_page_stays_on_it() -> None:
    import typst as compiler
    from matplotlib.image import imread
    wide = Row((z1, EQUALS, Grid((tuple(Number(f"-{k}.1234") for k in range(10, 60)),))))
    page = imread(BytesIO(compiler.compile(source(said(wide)).encode(), format="png", ppi=72)))[:, :, :3]
    margin = 50                                             # 20 mm are 56 pixels
    assert page[:, :margin].min() == page[:, -margin:].min() == 1
    assert page[100:, margin:-margin].min() < 0.8


def drawn(*blocks) -> list:
    """The pages of a document as arrays of grey, one pixel for two points, without the foot."""
    import typst as compiler
    from matplotlib.image import imread
    made = compiler.compile(source(Document("title", "", "en", blocks)).encode(), format="png", ppi=36)
    return [imread(BytesIO(page))[30:-40, :, :3].min(axis=2) for page in (made if isinstance(made, list) else [made])]


@pytest.mark.extra
@pytest.mark.parametrize(("before", "pages"), [(0, 1), (12, 1), (20, 2)])
def test_a_question_stands_with_its_room_on_one_page(before: int, pages: int) -> None:
    question = Exercise(1, "title", 1, (Paragraph(("question",)), said(z1).blocks[0]), None, 20)
    found = drawn(*[Paragraph(("before",))] * before, question)
    assert len(found) == pages
    if pages == 2:                                          # a paragraph takes 9 pixels
        assert found[0][10 + before * 9:].min() == 1
        assert found[1][200:].min() < 1


@pytest.mark.extra
def test_a_question_longer_than_a_page_goes_on_over_it() -> None:
    found = drawn(Exercise(1, "title", 1, (Paragraph(("question",)),) * 60, None, 20))
    assert sum(np.count_nonzero(np.diff(page[:, 60:280].min(axis=1) < 1)) for page in found) >= 20
    assert sum(np.count_nonzero(np.diff((page[:, 28:60].min(axis=1) < 1).astype(int)) > 0) for page in found) >= 60


@pytest.mark.extra
def test_a_formula_stands_in_the_middle_and_at_the_left_among_the_steps_of_an_answer() -> None:
    shown = said(z1).blocks[0]
    [page] = drawn(Exercise(1, "", 1, (shown,), (Mark(1, (shown,)),), 0))
    asked, answered = (31 + np.flatnonzero(page[rows, 31:].min(axis=0) < 0.7)[0]
                       for rows in (slice(26, 38), slice(48, 60)))
    assert abs(asked - page.shape[1] / 2) < 10
    assert answered < 45                                    # right of the bar beside the answer


@pytest.mark.extra
@settings(max_examples=20, deadline=None)
@given(st.lists(random_boxes, min_size=10, max_size=40))
def test_no_piece_is_wider_than_an_em_for_each_of_its_columns(found: list[Box]) -> None:
    import typst as compiler
    parts = [piece for box in (*map(Symbol, SYMBOLS), *found) for piece in pieces(box)]
    wide = "".join(f"measure(math.display(${typst(Row((piece,)))}$)).width / 10pt, " for piece in parts)
    page = ('#set text(10pt)\n#show math.equation: set text(font: "New Computer Modern Math")\n'
            f"#context [#metadata(({wide}))<it>]")
    [widths] = json.loads(compiler.query(page.encode(), "<it>", field="value"))
    assert len(widths) == len(parts)
    assert all(width <= columns(piece) for width, piece in zip(widths, parts, strict=True))


@pytest.mark.extra
@pytest.mark.parametrize("words", HOSTILE)
def test_words_stay_words_in_a_pdf(words: str) -> None:
    blocks = (Paragraph((words, Name(words))), Table(((words,),), (((words,),),), words), Display(Words(words), words),
              Exercise(1, words, 1, (Paragraph((words,)),), None, 2))
    assert pdf(Document(words, words, "en", blocks, words)).startswith(b"%PDF")


@pytest.mark.extra
def test_twenty_sheets_and_keys_are_pdfs_in_four_seconds() -> None:
    made = [jac.worksheet("backprop", seed=seed) for seed in range(20)]
    documents = [document for one in made for document in (one.sheet, one.key)]
    start = time.process_time()
    assert all(map(pdf, documents))
    assert time.process_time() - start < 4


# ---- LaTeX ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [None, *HOSTILE])
def test_latex_balances_and_asks_for_a_plain_distribution_only(words: str | None) -> None:
    document = jac.worksheet("backprop", seed=7).key if words is None else Document(
        words, words, "en", (Paragraph((words, Name(words))), Table(((words,),), (((words,),),), words)), words)
    page = latex(document)
    packages = re.findall(r"\\usepackage(?:\[.*?\])?\{(.*?)\}", re.sub(r"\\IfFileExists.*", "", page))
    assert {name for group in packages for name in group.split(",")} <= {"geometry", "amsmath", "graphicx", "array"}
    body = page.split(r"\begin{document}")[1]
    bare = re.sub(r"\\[\\{}$%&#]", "", body)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert "%" not in re.sub(r"%\n", "", bare)
    open_ = ["document"]
    for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", body):
        if word == "begin":
            open_.append(name)
        else:
            assert open_.pop() == name
    assert not open_


@pytest.mark.extra
@pytest.mark.parametrize(("options", "part"), [(KINDS[0], "sheet"), (KINDS[1], "key"), (None, "hostile")], ids=str)
def test_latex_compiles_and_nothing_runs_off_the_page(options, part: str, tmp_path: Path) -> None:
    words = HOSTILE[0] + "ReLU′(z) → δ₂ ≤ é"
    document = getattr(jac.worksheet("backprop", **options), part) if options else Document(
        words, words, "en", (Paragraph((words, Name(words))), Table(((words,),), (((words,),),), words)), words)
    (tmp_path / "sheet.tex").write_text(latex(document), encoding="utf-8")
    run = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"], cwd=tmp_path,
                         capture_output=True, text=True, errors="replace")
    assert run.returncode == 0, run.stdout[-1500:]
    assert options is None or "Overfull" not in run.stdout


def test_a_drawing_has_each_edge_and_unit_or_is_told_in_words() -> None:
    made = drawing(network((2, 3, 4, 1)).svg)
    assert made.count(r"\qbezier") == 2 * 3 + 3 * 4 + 4 * 1
    assert made.count(r"\circle") == 10
    assert "$W_{3}$" in made
    assert drawing('<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>') == ""
    assert drawing('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0C1 1 2 2 3 3"/></svg>') == ""


# ---- notebook ------------------------------------------------------------------------------------------------------


def outcomes(made: str) -> tuple[dict, list[str]]:
    """What the code cells define and which of them complain."""
    names: dict = {}
    complaints = []
    for cell in json.loads(made)["cells"]:
        if cell["cell_type"] == "code":
            try:
                exec("".join(cell["source"]), names)
            except AssertionError as error:
                complaints.append(str(error))
    return names, complaints


@pytest.mark.extra
@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_key_answers_every_check_and_a_sheet_none(options: dict) -> None:
    made = jac.worksheet("backprop", **options)
    checks = sum(len(exercise.checks) for exercise in made.exercises)
    assert checks >= 20
    assert outcomes(notebook(made.key))[1] == []
    complaints = outcomes(notebook(made.sheet))[1]
    assert len(complaints) == checks
    assert all("has no answer yet" in said for said in complaints)


@pytest.mark.extra
def test_answers_worked_out_again_are_right_and_mistakes_wrong(capsys) -> None:
    """Forward feed and first gradients of the sheet by NumPy; a sign, a transpose and a small error are noticed."""
    made = jac.worksheet("backprop", network="3-4-2", activation="tanh", loss="half-squared", seed=3)
    cells = json.loads(notebook(made.sheet))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names: dict = {}
    exec(code[0], names)
    exec(next(cell for cell in code if cell.startswith("x = ")), names)
    x, t, W1, b1, W2, b2 = (names[word] for word in ("x", "t", "W1", "b1", "W2", "b2"))
    names["z1"] = W1 @ x + b1
    names["a1"] = np.tanh(names["z1"])
    h = W2 @ names["a1"] + b2
    names["delta1"] = (1 - names["a1"] ** 2) * (W2.T @ (h - t))
    names["dJ_dW2"] = (h - t) @ names["a1"].T
    tests = {word: next(cell for cell in code if cell.startswith(f'check("{word}"'))
             for word in ("z1", "a1", "delta1", "dJ_dW2")}
    for word, cell in tests.items():
        true = names[word]
        for answer in (true, true.tolist(), *([true.ravel()] if true.shape[1] == 1 else [])):
            exec(cell, {**names, word: answer})
        wrong = [-true, true + 0.01, true * 1.05, true[:-1], "0", None, [[1], [2, 3]], np.nan, 1e300, ...]
        for answer in wrong:
            with pytest.raises(AssertionError):
                exec(cell, {**names, word: answer})
        with pytest.raises(AssertionError, match="rows and columns are exchanged"):
            exec(cell, {**names, word: true.T})
    assert "delta1 is right." in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "complaint"), [
    ([[1.0], [-2.5], [3.0]], None), ([1, -2.5, 3], None), ([[1, -2.5, 3]], "rows and columns are exchanged"),
    ([[1, -2.5], [3, 0]], "not right yet"), ([1, 2.5, 3], "not right yet"), ([1, -2.5, 3, 0], "not right yet"),
    ([1, -2.5, 3.002], "not right yet"), ("1, -2.5, 3", "not right yet"), (..., "no answer yet"),
])
def test_an_answer_counts_with_its_shape_and_its_signs(answer, complaint: str | None) -> None:
    column = Grid(((Number("1"),), (Number("-2.5"),), (Number("3"),)))
    whole = sealed(Exercise(1, "", 3, (), (Display(Row((z1, EQUALS, column))),)), "salt")
    [seal] = whole.checks
    assert (seal.name, seal.points) == ("z1", 3)
    if complaint is None:
        check("z1", answer, seal.salt, seal.step, seal.shift, seal.digest)
    else:
        with pytest.raises(AssertionError, match=complaint):
            check("z1", answer, seal.salt, seal.step, seal.shift, seal.digest)


def test_a_matrix_that_is_its_own_row_of_numbers_is_another() -> None:
    square = Grid(((Number("1"), Number("2")), (Number("3"), Number("4"))))
    [seal] = sealed(Exercise(1, "", 1, (), (Display(Row((z1, EQUALS, square))),)), "salt").checks
    with pytest.raises(AssertionError, match="not right yet"):
        check("z1", [1, 2, 3, 4], seal.salt, seal.step, seal.shift, seal.digest)


@pytest.mark.extra
def test_nbgrader_and_otter_find_their_marks() -> None:
    made = jac.worksheet("backprop", seed=7)
    told = json.loads(notebook(made.sheet))
    marks = [cell["metadata"]["nbgrader"] for cell in told["cells"] if "nbgrader" in cell["metadata"]]
    assert len({mark["grade_id"] for mark in marks}) == len(marks)
    assert all({"grade", "grade_id", "locked", "schema_version", "solution", "task"} <= set(mark) for mark in marks)
    assert sum(mark.get("points", 0) for mark in marks) == pytest.approx(53, abs=0.2)
    assert told["metadata"]["otter"]["OK_FORMAT"]
    names = outcomes(notebook(made.key))[0]
    cases = [case for test in told["metadata"]["otter"]["tests"].values() for case in test["suites"][0]["cases"]]
    assert len(cases) >= 20
    for case in cases:
        call, result = case["code"].removeprefix(">>> ").split("\n")
        assert str(eval(call, names)) == result


@pytest.mark.extra
@pytest.mark.parametrize("topic", ["gradients", pytest.param("chain-rule", marks=pytest.mark.slow),
                                   pytest.param("backprop", marks=pytest.mark.slow)])
def test_formulas_of_a_notebook_are_judged_as_by_grade_and_no_answer_is_there(topic: str, tmp_path: Path) -> None:
    """Right, equivalent, wrong and no answers; the points are those of the sheet, for nbgrader and Otter."""
    made = jac.worksheet(topic, seed=7)
    sheet, key = (json.loads(made.save(tmp_path / f"{key}.ipynb", key=key).read_text("utf-8")) for key in (False, True))
    asked = {f"formula_{exercise.number}_{k}": item.question for exercise in made.exercises for k, item in enumerate(
        (item for item in exercise.asked if item.question.asks == "formula"), 1)}
    cells = [cell for cell in sheet["cells"] if cell["cell_type"] == "code"]
    code = ["".join(cell["source"]) for cell in cells]
    names: dict = {}
    exec(next(cell for cell in code if "SEALS = {" in cell), names)
    assert {cell for cell in code if cell.startswith("formula_")} == {f"{name} = ..." for name in asked}
    for name, question in asked.items():
        right, wrong = typed(question)
        [call] = [cell for cell in code if cell.startswith(f'check_formula("{name}"')]
        exec(call, {**names, name: right})
        exec(call, {**names, name: f"2*({right})/2"})
        for answer in (wrong, "tahn(", "0"):
            with pytest.raises(AssertionError, match=re.escape(f"{name} is {jac.grade(question, answer)}")):
                exec(call, {**names, name: answer})
        for answer, complaint in ((..., "no answer yet"), (3, "in quotes")):
            with pytest.raises(AssertionError, match=complaint):
                exec(call, {**names, name: answer})
        assert len(right) < 8 or not [cell for cell in code if right in cell]
    points = sum(cell["metadata"]["nbgrader"].get("points", 0) for cell in sheet["cells"] if cell["metadata"])
    assert points == pytest.approx(sum(exercise.points for exercise in made.exercises), abs=0.5)
    held, complaints = outcomes(json.dumps(key))
    assert complaints == []
    cases = [case["code"] for test in key["metadata"]["otter"]["tests"].values() for case in test["suites"][0]["cases"]]
    assert sum("accepted(" in case for case in cases) == len(asked)
    assert all(str(eval(call, held)) == "True" for call in (case.removeprefix(">>> ").split("\n")[0] for case in cases))


def test_formulas_have_names_in_python() -> None:
    assert identifier(z1) == "z1"
    assert identifier(Sub(Name("δ"), Number("2"))) == "delta2"
    assert identifier(Name("λ")) == "lambda_"
    assert identifier(Row((Symbol("∂"), Name("J"), Symbol("/"), Symbol("∂"), z1))) == "dJ_dz1"


def test_values_are_read_where_a_formula_ends_in_numbers() -> None:
    column = Grid(((Number("1/2"),), (Number("-3"),)))
    both = Row((z1, EQUALS, column, Words("and"), Name("J"), EQUALS, Name("x"), EQUALS, Number("0.25")))
    none = Row((z1, EQUALS, Name("x")))
    found = values([Display(both), Display(none), Paragraph((column,)), Display(Row((z1, EQUALS, column)))])
    assert [(value.name, value.numbers, value.scalar) for value in found] == [
        ("z1", [0.5, -3.0], False), ("J", [0.25], True), ("z1_2", [0.5, -3.0], False)]


# ---- Moodle, text --------------------------------------------------------------------------------------------------


def test_questions_for_moodle_are_essays_for_students_and_hold_the_numbers_for_the_teacher() -> None:
    made = jac.worksheet("backprop", seed=7)
    sheet, key = (ElementTree.fromstring(moodle(document)) for document in (made.sheet, made.key))
    assert {question.get("type") for question in sheet} == {"category", "description", "essay"}
    assert len(sheet.findall("question[@type='essay']")) == len(made.exercises)
    assert not sheet.findall(".//graderinfo")
    cloze = {q.findtext("name/text"): q.findtext("questiontext/text") for q in key.findall("question[@type='cloze']")}
    fields = re.findall(r"\{1:NUMERICAL:=([-\d.e]+):([\d.e-]+)\}", cloze["02 Forward feed: numbers"])
    given = {value.name: np.reshape(value.numbers, (len(value.rows), -1)) for value in values(made.sheet.blocks)}
    z = given["W1"] @ given["x"] + given["b1"]
    assert [float(number) for number, _ in fields[:3]] == z.ravel().tolist()
    assert {float(close) for _, close in fields} == {0.0006}
    assert all(float(close) < 1e-3 for text_ in cloze.values() for close in re.findall(r":([\d.e-]+)\}<", text_))


@pytest.mark.parametrize("words", HOSTILE)
def test_words_stay_words_for_moodle_and_terminals(words: str) -> None:
    document = Document(words, words, "en", (Paragraph((words,)), Exercise(1, words, 1, (Paragraph((words,)),), (), 2)))
    assert {q.get("type") for q in ElementTree.fromstring(moodle(document))} == {"category", "description", "essay"}
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", plain(document))


def test_lines_for_a_terminal_are_short() -> None:
    key = plain(jac.worksheet("backprop", seed=7).key)
    assert max(map(len, key.split("\n"))) <= 90
    assert re.search(r"z₁ = \(W₁ : n₁ × n₀\) \(x : n₀\) \+ \(b₁ : n₁\) = \[[−\d; ]+\]", key)
    assert not re.search(r" $", key, re.MULTILINE)


# ---- JSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", SOME)
def test_what_a_program_can_mark_is_read_again_and_the_right_answers_are_right(topic: str, tmp_path: Path) -> None:
    made = jac.worksheet(topic, seed=7)
    again = read(made.save(tmp_path / "key.json", key=True))
    asked = [(f"{exercise.number} {item.name}", item) for exercise in made.exercises for item in exercise.asked]
    assert [(item.name, item.points) for item in again.items] == [(name, item.points) for name, item in asked]
    assert sum(item.points for item in again.items) == pytest.approx(sum(e.points for e in made.exercises if e.asked))
    for (_, item), other in zip(asked, again.items, strict=True):
        assert len(str(other.points)) < 15, "a share is written as people write it"
        right, wrong = typed(item.question)
        assert jac.grade(other.question, right).ok, item
        assert not jac.grade(other.question, wrong).ok, item


def typed(question: jac.Question) -> tuple[str, str]:
    """The right answer as it is typed, and a wrong one."""
    if question.asks == "shape":
        return " x ".join(map(str, question.expression.shape)) or "scalar", "k x k"
    if question.asks == "numbers":
        numbers = question.rights[0].array
        return str(numbers.tolist()), str((numbers + 1).tolist())
    formula = re.sub(r"vector\(1, (\w+)\)", r"ones(\1, 1)", question.source[0])
    return formula, f"-({formula})"


def test_a_question_with_numbers_keeps_its_values(tmp_path: Path) -> None:
    asked = jac.Question("W*x", "W: m n, x: n", asks="numbers", values={"W": np.array([[1, 2], [3, 4]]), "x": [1, -1]})
    path = tmp_path / "sheet.json"
    path.write_text(written(Sheet("t", (Item("y", asked, 2),))), "utf-8")
    [item] = read(path).items
    assert jac.grade(item.question, "[-1, -1]").ok
    assert not jac.grade(item.question, "[-1, 1]").ok


def test_what_holds_answers_only_is_no_format_for_students(tmp_path: Path) -> None:
    made = jac.worksheet("gradients", seed=7)
    with pytest.raises(jac.InputError, match="a format of the key"):
        made.save(tmp_path / "sheet.json")
    with pytest.raises(jac.InputError, match="no answer that a program can mark"):
        marking(made.sheet)
    assert [path.name for path in made.save_all(tmp_path, ["json"])] == ["gradients-key.json"]


# ---- files ---------------------------------------------------------------------------------------------------------


def test_nothing_is_overwritten_without_force(tmp_path: Path, capsys) -> None:
    call = ["worksheet", "backprop", "--out", str(tmp_path), "--format", "txt,tex"]
    assert main(call) == 0
    (tmp_path / "backprop.txt").unlink()
    (tmp_path / "backprop-key.tex").write_text("mine")
    assert main(call) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "backprop-key.tex").read_text() == "mine"
    assert not (tmp_path / "backprop.txt").exists()
    assert main([*call, "--force"]) == 0
    assert "documentclass" in (tmp_path / "backprop-key.tex").read_text()


@pytest.mark.parametrize(("options", "complaint"), [
    (["--format", "pdf,doc"], "the format 'doc' is not known: choose from html, md, pdf"),
    (["--format", ""], "the format '' is not known"),
    (["--format", "tex", "--paper", "a5"], "invalid choice: 'a5'"),
])
def test_an_unknown_format_or_paper_is_one_sentence(options, complaint, tmp_path: Path, capsys) -> None:
    assert main(["worksheet", "backprop", "--out", str(tmp_path / "new"), *options]) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("ending", ["tex", pytest.param("pdf", marks=pytest.mark.extra)])
def test_an_unknown_paper_is_refused(ending: str, tmp_path: Path) -> None:
    with pytest.raises(jac.InputError, match="the paper 'a5' is not known: choose one of a4, letter"):
        jac.worksheet("backprop").save(tmp_path / f"sheet.{ending}", paper="a5")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", NEEDS)
def test_a_missing_package_is_named_and_nothing_is_written(ending: str, tmp_path: Path, monkeypatch, capsys) -> None:
    from jacobian.worksheet.render import pdf as module
    module._compiler.cache_clear()
    monkeypatch.setitem(sys.modules, NEEDS[ending], None)
    assert main(["worksheet", "backprop", "--out", str(tmp_path / "new"), "--format", f"html,{ending}"]) == 2
    assert "python -m pip install" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
