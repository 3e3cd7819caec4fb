"""Typed answers: the corpora, mistakes made by the table and printed, hostile input, and what a class is told."""

import ast
import csv
import io
import json
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from answers import blocks
from answers.forms import FORMS
from answers.printed import matlab
from grading import AT_LEAST, CORPORA, deserved, formulas, graded, justified, mistaken, question
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import jacobian as jac
from jacobian.__main__ import main
from jacobian.verify.faults import FAULTS
from jacobian.worksheet.answers import mistakes
from jacobian.worksheet.answers.folding import resolve
from jacobian.worksheet.answers.mistakes import MISTAKES, NOT_MEASURED, NOT_TYPED, SENTENCES
from jacobian.worksheet.answers.text.grammar import read
from jacobian.worksheet.answers.text.tokens import tokenize
from jacobian.worksheet.answers.values.reading import PAPER

SECONDS = 1.0
HIDDEN = jac.Question("(W2'*delta2) .* dg(z1)", "W2: p n, delta2: p, z1: n, g: function", given="a1 = g(z1)")
ASKED = (HIDDEN, jac.Question([1, 2, 3], asks="numbers"), jac.Question("W", "W: 3 4", asks="shape"))


# ---- the corpora ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def verdicts():
    return {corpus: list(graded(corpus)) for corpus in CORPORA}


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_corpus_is_as_large_as_it_says(corpus) -> None:
    answers = [a.text for block in blocks(corpus) for a in block.answers]
    assert len(answers) >= {"first": 300, "second": 80, "third": 200}[corpus]
    assert len(blocks("first")) >= 25


@pytest.mark.parametrize("corpus", CORPORA)
def test_right_answers_are_accepted_in_every_form(verdicts, corpus) -> None:
    rows = [(a, v) for a, v, _ in verdicts[corpus] if a.kind in ("right", "equivalent")]
    refused = [(a.text, str(v)) for a, v in rows if not v.ok]
    assert len(refused) <= (1 - AT_LEAST[corpus]["right"]) * len(rows), refused


@pytest.mark.parametrize("corpus", CORPORA)
def test_no_wrong_answer_is_accepted(verdicts, corpus) -> None:
    assert [a.text for a, v, _ in verdicts[corpus] if v.ok and a.kind not in ("right", "equivalent")] == []


@pytest.mark.parametrize("kind", ["wrong", "malformed", "ambiguous"])
@pytest.mark.parametrize("corpus", CORPORA)
def test_what_is_wrong_is_named_and_what_is_unclear_is_asked_back(verdicts, corpus, kind) -> None:
    rows = [(a, v) for a, v, _ in verdicts[corpus] if a.kind == kind]
    missed = [(a.text, str(v)) for a, v in rows if not deserved(a, v)]
    assert len(missed) <= (1 - AT_LEAST[corpus][kind]) * len(rows), missed


@pytest.mark.parametrize("corpus", CORPORA)
def test_an_answer_is_quick(verdicts, corpus) -> None:
    times = [seconds for *_, seconds in verdicts[corpus]]
    assert np.median(times) < 0.05
    assert max(times) < SECONDS


@pytest.mark.parametrize("corpus", CORPORA)
def test_feedback_does_not_give_the_answer_away(verdicts, corpus) -> None:
    right = {}
    for a, _, _ in verdicts[corpus]:
        if a.kind in ("right", "equivalent"):
            right.setdefault(a.question, []).append(a.text)
    for a, v, _ in verdicts[corpus]:
        told = [text for text in right.get(a.question, ()) if len(text) > 3 and text in v.feedback and not v.ok]
        assert not told, (a.text, v.feedback)


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_normal_form_agrees_with_what_is_accepted(verdicts, corpus) -> None:
    """By jac.equivalent: of every accepted answer that jac.parse reads, once it is printed in MATLAB's way."""
    compared = 0
    for a, v, _ in verdicts[corpus]:
        asked = question(corpus, a.question)
        if not v.ok or asked.asks != "formula" or asked.expression is None:
            continue
        tree = resolve(read(tokenize(a.text), asked.names, asked.functions), PAPER)
        given = [*(f"{name} = {formula}" for name, formula in asked.statements), matlab(tree)]
        try:
            answer = jac.parse("; ".join(given), asked.source[1])
        except jac.InputError:
            continue
        if answer.axes == asked.expression.axes:
            compared += 1
            assert jac.equivalent(asked.expression, answer), a.text
    assert compared > 30


# ---- the table of mistakes ------------------------------------------------------------------------------------------


def refuse_generated(seed: int, most: int | None) -> int:
    count = 0
    for corpus, block in formulas():
        for asked, syntax, text, tree in mistaken(corpus, block, seed, most):
            count += 1
            verdict = jac.grade(asked, text)
            assert not verdict.ok or justified(asked, syntax, tree), (block.name, syntax, text)
    return count


def test_mistakes_printed_in_three_syntaxes_are_not_accepted() -> None:
    assert refuse_generated(0, 4) > 300


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_no_mistake_of_the_table_is_accepted(seed) -> None:
    assert refuse_generated(seed, None) > 5000


def test_each_fault_has_a_mutation_or_a_reason() -> None:
    faults, typed = {fault.name for fault in FAULTS}, {mistake.name for mistake in MISTAKES}
    assert faults - typed == set(NOT_TYPED)
    assert typed - faults == set(NOT_MEASURED)
    assert all(map(str.strip, (*NOT_TYPED.values(), *NOT_MEASURED.values())))


def test_a_mistake_has_the_advice_of_its_fault() -> None:
    advice = {fault.name: fault.advice for fault in reversed(FAULTS)}
    for mistake in MISTAKES:
        assert mistake.advice == advice.get(mistake.name, mistake.sentence)


def test_each_mistake_is_met_in_the_corpora(verdicts) -> None:
    """A row that no answer meets would be a row that nothing tests."""
    named = {v.mistake for rows in verdicts.values() for *_, v, _ in rows if v.mistake}
    assert {m.name for m in MISTAKES} - named <= {"matrix product"}
    assert named <= set(SENTENCES)


def test_a_matrix_product_for_one_entry_by_entry_is_named() -> None:
    asked = jac.Question("A .* B", "A: n n, B: n n")
    assert jac.grade(asked, "A * B'").verdict == "wrong"
    assert jac.grade(asked, "A @ B").mistake == "matrix product"


@pytest.mark.parametrize("row", MISTAKES, ids=lambda row: f"{row.name} {row.cost}")
def test_a_mutation_changes_the_tree(row) -> None:
    """Somewhere in the corpora each row gives a tree of another value."""
    for corpus, block in formulas():
        asked = question(corpus, block.name)
        context = asked.context(asked.resolved)
        if any(True for node in asked.resolved.walk() for _ in row.mutate(node, context)):
            return
    raise AssertionError(row.name)


# ---- anything may be typed ------------------------------------------------------------------------------------------

PIECES = (
    "W2", "delta2", "z1", "@", "*", ".*", "'", "^", "^T", r"\top", r"\frac", "{", "}", "(", ")", "[", "]", "1", "2",
    "0.5", "_i", "_{ij}", "sum_i", "np.sum(", "axis=0", "g'(", "diag(", "inv(", ",", ";", ":", "=", ">", "<", "||", "|",
    "-", "+", "/", "**", "ᵀ", "²", "½", "σ", "∘", " ", "\\\\", "&", r"\begin{pmatrix}", r"\end{pmatrix}", "None",
    "ones(", "eye(", "kron(", "einsum('ij->", "I", "1[", "e^", "⟨", ".T", ".shape[0]", "reshape(", "\x00", "\n",
    "1e300", "softmax(", "\u202e", "😀", "norm(", ".sum(", "where(", "^{-T}", "m", "x", "3 x", "row", "by",
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=16).map("".join),
                 st.lists(st.sampled_from(PIECES), max_size=16).map(" ".join), st.text(max_size=60)),
       st.sampled_from(ASKED))
def test_whatever_is_typed_gets_a_verdict(text, asked) -> None:
    start = time.process_time()
    verdict = jac.grade(asked, text)
    assert time.process_time() - start < SECONDS
    assert verdict.verdict in ("accepted", "wrong", "unclear")
    if verdict.verdict == "unclear":
        assert verdict.feedback
        assert verdict.where is not None


HOSTILE = {
    "brackets": "(" * 3000, "deep": "(" * 59 + "z1" + ")" * 59, "long": "x" * 2000, "million": "x" * 10**6,
    "digits": "1" * 2000, "sum": "z1+" * 600 + "z1", "tower": "z1^" * 600 + "z1", "powers": "9**9**9**9**9",
    "import": "__import__('os').system('ls')", "eval": "eval('1')", "kron": "kron(" * 20 + "W2" + ",W2)" * 20,
    "eye": "eye(10**9)", "ones": "ones(99999,99999)", "power": "W2^999999", "exp": "exp(" * 50 + "z1" + ")" * 50,
    "overflow": "1e308*1e308", "nothing by nothing": "0/0", "singular": "inv(W2*0)", "quotes": "'" * 500,
    "signs": "-" * 1500 + "z1", "turns": "W2" + "'" * 800, "fractions": "\\frac" * 300, "braces": "{" * 1999,
    "environments": "\\begin{pmatrix}" * 50, "sums": "sum_i " * 200 + "z1_i", "surrogate": "\ud800", "null": "\x00\x01",
    "einsum": "einsum('abcdefgh,ab->', W2, W2)", "reshape": "reshape(W2, -1, -1)", "negative": "ones(-1)",
    "array as size": "eye(z1)", "many ones": "kron(ones(64,64),ones(64,64))", "lambda": "lambda x: x", "blank": " ",
    "tiny": "1e-999999999", "zero": "0e999999999", "zeros": "0e400", "reshape by three": "reshape(W2, [1, 2, 3])",
    "unfinished": "\\begin", "fonts": "\\mathbf" * 250, "functions": "\\sin" * 400, "high power": "(W2*W2')^999999",
    "diagonal": "diag(vec(kron(ones(64,64), ones(1,2))))", "wide": "vec(ones(64,64)) vec(ones(64,64))'",
    "three indices": "sum_ijk W2_ij W2_jk W2_ki", "letters": "einsum('ab,cd,e->', ones(64,64), ones(64,64), ones(64))",
    "empty": "", "script": "<script>alert(1)</script>", "diag": "diag(" * 55 + "z1" + ")" * 55, "dot": ".", "bar": "|",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_politely_and_at_once(text) -> None:
    for asked in ASKED:
        start = time.process_time()
        verdict = jac.grade(asked, text)
        assert time.process_time() - start < SECONDS
        assert not verdict.ok


def test_nothing_typed_is_run() -> None:
    folder = Path(mistakes.__file__).parent
    for path in (*folder.rglob("*.py"), folder.parents[1] / "cli/grade.py", folder.parents[1] / "cli/practice.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        parts = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"eval", "exec", "compile", "__import__"}, path
        assert not (names | parts) & {"sympify", "parse_expr", "literal_eval", "import_module"}, path


# ---- readings -------------------------------------------------------------------------------------------------------


def test_each_syntax_has_its_own_meaning() -> None:
    outer = jac.Question("delta*x'", "delta: m, x: n")
    assert jac.grade(outer, "np.multiply(delta[:, None], x)").ok
    assert jac.grade(outer, "delta*x'").ok
    assert jac.grade(outer, "delta * x.T").ok
    inner = jac.Question("x'*x", "x: n")
    assert jac.grade(inner, "x @ x").ok
    assert jac.grade(inner, "x'*x").ok
    assert jac.grade(inner, "np.multiply(x, x)").mistake is not None


def test_an_ambiguous_answer_is_asked_back_with_its_readings() -> None:
    asked = jac.Question("A*B", "A: n n, B: n n")
    verdict = jac.grade(asked, "A * B")
    assert verdict.verdict == "unclear"
    assert len(verdict.readings) == 2
    assert verdict.where is not None
    assert jac.grade(asked, "A @ B").ok
    assert jac.grade(asked, "A B").ok
    assert jac.grade(asked, "A .* B").mistake == "entrywise product"


def test_given_quantities_may_be_used_or_written_out() -> None:
    asked = jac.Question("a .* (1 - a)", "z: n", given={"a": "sigmoid(z)"})
    for text in ("a .* (1 - a)", "sigmoid'(z)", "sigmoid(z) .* (1 - sigmoid(z))", "a - a^2", "σ(z) ∘ σ(-z)"):
        assert jac.grade(asked, text).ok, text


def test_letters_are_no_numbers_in_a_shape() -> None:
    asked = jac.Question("W*x", "W: m n, x: n", asks="shape")
    assert jac.grade(asked, "m").ok
    assert not any(jac.grade(asked, str(size)).ok for size in range(20))


def test_an_abstract_function_has_its_derivative_and_no_other() -> None:
    asked = jac.Question("dg(z)", "z: n, g: function, h: function")
    assert jac.grade(asked, "g'(z)").ok
    assert not jac.grade(asked, "h'(z)").ok
    assert not jac.grade(asked, "g(z)").ok
    assert not jac.grade(asked, "cos(z)").ok


# ---- questions ------------------------------------------------------------------------------------------------------


def test_a_derivation_is_a_question() -> None:
    derivation = jac.derive("half_square(W*x + b - t)", "W: m n, x: n, b: m, t: m", wrt="W")
    asked = jac.Question(derivation)
    assert jac.grade(asked, "np.outer(W @ x + b - t, x)").ok
    assert jac.grade(asked, "(W x + b - t) xᵀ").ok
    assert jac.grade(asked, "2*(W*x + b - t)*x'").mistake == "constant factor"
    assert jac.grade(asked, "x*(W*x + b - t)'").mistake == "layout"


def test_an_expression_is_a_question() -> None:
    A, x = jac.symbols("A: n n, x: n")
    asked = jac.Question(jac.derive(x @ A @ x, x).value)
    assert jac.grade(asked, "(A + A.T) @ x").ok
    assert jac.grade(asked, "2*A*x").mistake == "symmetry"


@pytest.mark.parametrize(("arguments", "message"), [
    (("W*", "W: m n"), "something is missing after"),
    (("V*x", "W: m n, x: n"), "V is not known"),
    (("W*delta", "W: m n, delta: m"), "do not fit"),
    (("x", 3), "declared in words"),
    (("a", "x: n", "a sigmoid(x)"), "what is given is written as"),
    (("x", "x: n", "", "colour"), "asks for one of"),
    (("log(-exp(x))", "x: n"), "not finite"),
    (("x", "x: 2", "", "numbers", "x = [1, 2, 3]"), "has shape"),
    (("x", "x: 2", "", "numbers", "y = [1, 2]"), "is not among"),
    (("x*y'", "x: 2, y: 2", "", "numbers", "x = [1, 2]"), "y has no value"),
])
def test_a_teacher_is_told_what_is_wrong_with_a_question(arguments, message) -> None:
    with pytest.raises(jac.InputError, match=message):
        jac.Question(*arguments)


def test_what_is_no_question_or_no_text_is_an_error() -> None:
    with pytest.raises(jac.InputError, match="takes a question"):
        jac.grade("x", "x")
    with pytest.raises(jac.InputError, match="is text"):
        jac.grade(HIDDEN, 3)


@settings(max_examples=60, deadline=None)
@given(st.fractions(min_value=-9, max_value=9, max_denominator=40).filter(lambda x: abs(x) > Fraction(1, 9)),
       st.integers(2, 8))
def test_a_decimal_is_right_if_it_is_rounded_and_wrong_one_unit_off(x, places) -> None:
    asked = jac.Question(str(x), asks="numbers")
    rounded = f"{float(round(x, places)):.{places}f}"
    off = f"{float(round(x, places) + Fraction(2, 10**places)):.{places}f}"
    assert jac.grade(asked, rounded).ok
    assert not jac.grade(asked, off).ok
    assert jac.grade(asked, str(x)).ok


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(-9, 9), min_size=2, max_size=3), min_size=2, max_size=3).filter(
    lambda rows: len({len(row) for row in rows}) == 1))
def test_a_matrix_is_read_in_every_notation(rows) -> None:
    asked = jac.Question(rows, asks="numbers")
    matlab = "[" + "; ".join(" ".join(map(str, row)) for row in rows) + "]"
    commas = "[" + "; ".join(", ".join(map(str, row)) for row in rows) + "]"
    grid = r"\begin{pmatrix}" + r" \\ ".join(" & ".join(map(str, row)) for row in rows) + r"\end{pmatrix}"
    for text in (str(rows), f"np.array({rows})", matlab, commas, grid, str(tuple(map(tuple, rows)))):
        assert jac.grade(asked, text).ok, text
    other = np.array(rows) + np.eye(len(rows), len(rows[0]), dtype=int)
    assert not jac.grade(asked, str(other.tolist())).ok


def test_a_tree_keeps_the_places_of_what_was_typed() -> None:
    text = "(W2'*delta2) .* g'(z1)"
    tree = read(tokenize(text), HIDDEN.names, HIDDEN.functions)
    assert (tree.start, tree.end) == (0, len(text))
    for node in tree.walk():
        if node.kind == "name":
            assert text[node.start:node.end] == node.data


# ---- a class --------------------------------------------------------------------------------------------------------

SHEET = {"title": "Week 3", "questions": [
    {"name": "outer", "answer": "delta*x'", "shapes": "delta: m, x: n", "points": 2},
    {"name": "shape", "asks": "shape", "answer": "W", "shapes": "W: 3 4"},
    {"name": "numbers", "asks": "numbers", "answer": "W'*d", "shapes": "W: 2 2, d: 2",
     "values": "W = [1 2; 3 4]; d = [1, -1]"}]}
ANSWERS = ('student,outer,shape,numbers\nAda,"np.outer(delta, x)",3 x 4,"[-2, -2]"\nBen,x*delta\',4x3,"[2, 2]"\n'
           '=Cleo,x*delta\',"(3, 4)","[-2"\n')


@pytest.fixture
def class_files(tmp_path):
    (tmp_path / "sheet.json").write_text(json.dumps(SHEET), encoding="utf-8")
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    return tmp_path


def test_a_class_is_graded(class_files, capsys) -> None:
    files = [str(class_files / name) for name in ("sheet.json", "answers.csv", "marks.csv", "class.svg")]
    assert main(["grade", *files[:2], "--to", files[2], "--picture", files[3]]) == 0
    out = capsys.readouterr().out
    assert "layout (2)" in out
    marks = list(csv.DictReader(io.StringIO(Path(files[2]).read_text(encoding="utf-8"))))
    assert [row["points"] for row in marks] == ["4", "0", "1"]
    assert [row["numbers: verdict"] for row in marks] == ["accepted", "wrong", "unclear"]
    assert marks[1]["numbers: misconception"] == "sign"
    assert marks[2]["student"] == "'=Cleo"      # a spreadsheet would run it
    assert Path(files[3]).read_text(encoding="utf-8").startswith("<svg ")


def test_nothing_is_written_over(class_files, capsys) -> None:
    marks = class_files / "marks.csv"
    marks.write_text("mine")
    files = [str(class_files / name) for name in ("sheet.json", "answers.csv")]
    assert main(["grade", *files, "--to", str(marks)]) == 2
    assert "--force" in capsys.readouterr().err
    assert marks.read_text() == "mine"
    assert main(["grade", *files, "--to", str(marks), "--force"]) == 0
    assert marks.read_text().startswith("student,points")


@pytest.mark.parametrize(("name", "content", "message"), [
    ("sheet.json", '{"questions": [', "line 1, column"),
    ("sheet.json", "[]", "a sheet is"),
    ("sheet.json", '{"questions": [{"name": "a"}]}', "question 1: 'answer' is missing"),
    ("sheet.json", '{"questions": [{"name": "a", "answer": "x", "color": "red"}]}', "'color' is not known"),
    ("sheet.json", '{"questions": [{"name": "a", "answer": "x*", "shapes": "x: n"}]}', "question 1, 'a': something"),
    ("sheet.json", '{"questions": [{"name": "a", "answer": "x", "shapes": "x: n", "points": -1}]}', "points are"),
    ("sheet.json", '{"questions": [{"name": "a", "answer": [[1], [2, 3]], "asks": "numbers"}]}', "question 1, 'a'"),
    ("sheet.json", "\udcff", "not UTF-8"),
    ("answers.csv", "", "line 1"),
    ("answers.csv", "student,inner\nAda,x\n", "'inner' is no question"),
    ("answers.csv", "student,outer\nAda,f(x,y),2,3\n", "line 2: 5 cells"),
    ("answers.csv", 'student,outer\nAda,"x\n', "no CSV"),
])
def test_a_damaged_file_is_one_sentence_with_its_place(class_files, capsys, name, content, message) -> None:
    (class_files / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    files = [str(class_files / part) for part in ("sheet.json", "answers.csv")]
    assert main(["grade", *files, "--to", str(class_files / "marks.csv")]) == 2
    err = capsys.readouterr().err
    assert err.startswith("jacobian: ")
    assert message in err
    assert not (class_files / "marks.csv").exists()


def test_a_missing_file_is_one_sentence(tmp_path, capsys) -> None:
    assert main(["grade", str(tmp_path / "no.json"), str(tmp_path / "no.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_practice_asks_hints_and_counts(monkeypatch, capsys, class_files) -> None:
    lines = iter(["(4, 3)", "", "3 by 4", "x*delta'", "", "delta x'"])

    def typed(prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    sheet = {"questions": SHEET["questions"][:2]}
    (class_files / "two.json").write_text(json.dumps(sheet), encoding="utf-8")
    assert main(["practice", str(class_files / "two.json"), "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert "You may use delta: m, x: n" in out
    assert "It lies the other way" in out
    assert "2 of 2 solved." in out


# ---- forms that neither corpus has ----------------------------------------------------------------------------------

@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_other_forms_are_read(form) -> None:
    asked = jac.Question(*form)
    assert [text for text in FORMS[form] if not jac.grade(asked, text).ok] == []


def test_what_would_need_a_guess_is_asked_back() -> None:
    asked = jac.Question("W - eta*delta*x'", "W: m n, eta:, delta: m, x: n")
    for text in ("W @= eta * np.outer(delta, x)", "W - lr*delta*x'", "W[0] - eta*delta*x'", "sum_i delta_i x",
                 r"W - \eta \frac{\partial L}{\partial W}"):
        verdict = jac.grade(asked, text)
        assert verdict.verdict == "unclear", text
        assert verdict.where is not None


@pytest.mark.parametrize("text", [r"A\b", r"A \ b", r"A\(b)"])
def test_a_backslash_is_a_division_from_the_left_and_no_blank(text: str) -> None:
    assert jac.grade(jac.Question("inv(A)*b", "A: n n, b: n"), text).ok
    assert jac.grade(jac.Question("A*b", "A: n n, b: n"), text).verdict == "wrong"
    assert jac.grade(jac.Question("A*beta", "A: n n, beta: n"), r"A\beta").ok


def test_a_percent_sign_after_a_number_is_no_comment() -> None:
    assert jac.grade(jac.Question("x/2", "x: n"), "50% x").verdict == "unclear"


@pytest.mark.parametrize("wrong", ["abs(x)", "sqrt(x^2)", "max(x, 0)", "min(x, 2)", "exp(log(x))", "x + 1e-6",
                                   "sin(x)"])
def test_what_is_the_same_somewhere_only_is_not_accepted(wrong) -> None:
    for shapes in ("x:", "x: n"):
        assert not jac.grade(jac.Question("x", shapes), wrong).ok


ROW, COLUMN = (jac.Question(answer, "d: n", asks="numbers", values="d = [1, 2, 3]") for answer in ("d'", "d"))


@pytest.mark.parametrize("text", ["[1, 2, 3]", "[[1, 2, 3]]", "(1, 2, 3)", "1, 2, 3", "np.array([[1, 2, 3]])",
                                  "[1 2 3]"])
def test_a_row_of_numbers_is_typed_as_people_do(text: str) -> None:
    assert jac.grade(ROW, text).ok


MATRIX = jac.Question("J", "J: 2 3", asks="numbers", values="J = [1, 0, 2; -1, 4, 0.25]")


@pytest.mark.parametrize("text", [
    "[[ 1.    0.    2.  ]\n [-1.    4.    0.25]]", "tensor([[1, 0, 2], [-1, 4, .25]])", "1 0 2; -1 4 0.25",
    "1 0 2\n-1 4 0.25", "1, 0, 2\n-1, 4, 1/4\n", "{{1, 0, 2}, {-1, 4, 1/4}}", "1, 0, 2; -1, 4, 0.25",
    "Matrix([[1, 0, 2], [-1, 4, Rational(1, 4)]])", r"\begin{array}{r|cc} 1 & 0 & 2 \\ -1 & 4 & 0.25 \end{array}"])
def test_a_matrix_of_numbers_is_pasted_from_anywhere(text: str) -> None:
    assert jac.grade(MATRIX, text).ok
    assert jac.grade(MATRIX, text.replace("4", "5", 1)).verdict == "wrong"


@pytest.mark.parametrize("text", ["[1 2 3]", "[ 1.  2.  3.]"])
def test_blanks_in_brackets_are_asked_back_where_a_column_belongs(text: str) -> None:
    assert jac.grade(ROW, text).ok
    assert jac.grade(COLUMN, text).readings == ("a column", "a row")


@pytest.mark.parametrize("text", ["1,0 2,0 3,0", "1 2,5 3", "1,0; 2,0; 3,0"])
def test_a_comma_that_may_be_a_decimal_point_is_asked_back(text: str) -> None:
    assert jac.grade(COLUMN, text).readings == ("a decimal comma", "two numbers")


@pytest.mark.parametrize("text", ["[1; 2; 3]", "[[1], [2], [3]]"])
def test_a_column_that_is_written_as_one_is_no_row(text: str) -> None:
    assert jac.grade(COLUMN, text).ok
    assert jac.grade(ROW, text).mistake == "layout"
    assert not jac.grade(ROW, text).ok


@pytest.mark.parametrize("answer", ["a.*(vector(1, m) - a).*(a - t)", "vector(1, m) - a.*t", "a.*t + vector(0, m)"])
def test_a_vector_of_ones_is_a_column_in_every_reading(answer: str) -> None:
    """ones(m) is square in MATLAB, but vector(1, m) is a word of matrix-calculus tools."""
    question = jac.Question(answer, "a: m, t: m")
    assert jac.grade(question, answer).verdict == "accepted"
    assert jac.grade(question, answer.replace("vector(1, m)", "ones(m, 1)")).ok
    assert not jac.grade(question, f"{answer} + vector(1, m)").ok
