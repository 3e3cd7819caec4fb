"""What Moodle and STACK ask of a file before they import it, as a list of breaches.

Sources: Moodle, question/format/xml/format.php (import_headers, import_essay,
import_multianswer, import_category) and question/type/multianswer/questiontype.php (the regular expressions of
embedded answers); STACK, questiontype.php (import_from_xml, validate_stack_question).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

TYPES = {"category", "description", "essay", "cloze", "stack"}
RESPONSES = {"editor", "editorfilepicker", "plain", "monospaced", "noinline"}
TESTS = {"AlgEquiv", "EqualComAss", "CasEqual", "SameType", "NumAbsolute", "NumRelative", "String"}
FORMATTED = {"questiontext", "generalfeedback", "graderinfo", "responsetemplate", "specificfeedback", "questionnote",
             "truefeedback", "falsefeedback"}
LONGEST = 255           # characters of a name, a column of the data base
NUMERICAL = re.compile(r"\{(\d+):NUMERICAL:=(-?\d+(?:\.\d+)?(?:e[-+]\d+)?):(\d+(?:\.\d+)?(?:e[-+]\d+)?)\}")
Element = ElementTree.Element


def breaches(source: str) -> list[str]:
    """What would be refused, or imported as something else than it says."""
    try:
        root = ElementTree.fromstring(source)
    except ElementTree.ParseError as error:
        return [f"no XML: {error}"]
    if root.tag != "quiz":
        return [f"the root is {root.tag}, not quiz"]
    return [f"question {k}: {said}" for k, question in enumerate(root, 1) for said in _question(question)]


def _question(question: Element) -> Iterator[str]:
    kind = question.get("type", "")
    if question.tag != "question" or kind not in TYPES:
        yield f"a {question.tag} of the type {kind!r}"
        return
    if kind == "category":
        path = question.findtext("category/text", "")
        if not re.fullmatch(r"\$(course|system|module)\$/(?:[^/]|//)+", path):
            yield f"{path!r} is no path of a category"
        return
    name = question.findtext("name/text", "").strip()
    if not 0 < len(name) <= LONGEST:
        yield f"a name of {len(name)} characters"
    for element in question.iter():
        if element.tag in FORMATTED and (element.get("format") != "html" or element.find("text") is None):
            yield f"{element.tag} without a format or a text"
    if not question.findtext("questiontext/text", "").strip():
        yield "nothing is asked"
    for tag in ("defaultgrade", "penalty"):
        if (grade := question.findtext(tag)) is not None and not _number(grade):
            yield f"{tag} is {grade!r}"
    yield from {"essay": _essay, "cloze": _cloze, "stack": _stack}.get(kind, lambda found: iter(()))(question)


def _number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


def _essay(question: Element) -> Iterator[str]:
    if question.findtext("responseformat") not in RESPONSES:
        yield "an essay in no format"
    if not re.fullmatch(r"\d+", question.findtext("responsefieldlines", "")):
        yield "an essay without a number of lines"
    if question.find("responsetemplate") is None:
        yield "an essay without a template"


def _cloze(question: Element) -> Iterator[str]:
    asked = question.findtext("questiontext/text", "")
    marked = re.findall(r"\{\d*:[A-Z_]*:?[^{}]*\}", asked)
    if not marked:
        yield "a cloze without a field"
    for found in marked:
        match = NUMERICAL.fullmatch(found)
        if match is None:
            yield f"{found} is read as no field"
        elif int(match[1]) < 1 or not float(match[3]) > 0:
            yield f"{found} has no weight, or no room for rounding"


def _stack(question: Element) -> Iterator[str]:
    asked, feedback = (question.findtext(f"{tag}/text", "") for tag in ("questiontext", "specificfeedback"))
    inputs = [each.findtext("name", "") for each in question.findall("input")]
    trees = {tree.findtext("name", ""): tree for tree in question.findall("prt")}
    if not inputs or not trees:
        yield "no input, or no tree"
    places = (("input", asked, inputs), ("validation", asked, inputs), ("feedback", asked + feedback, [*trees]))
    for what, place, known in places:
        found = re.findall(rf"\[\[{what}:(\w+)\]\]", place)
        if sorted(found) != sorted(known):
            yield f"[[{what}:…]] stands for {found}, but there are {known}"
    if set(re.findall(r"\[\[(\w+):", asked + feedback)) - {"input", "validation", "feedback"}:
        yield "a mark of STACK that nothing belongs to"
    for each in question.findall("input"):
        if not each.findtext("tans", "").strip():
            yield f"the input {each.findtext('name')} has no answer"
        if each.findtext("type") not in ("algebraic", "matrix", "numerical", "units", "boolean"):
            yield f"the input {each.findtext('name')} has no type"
    for name, tree in trees.items():
        yield from _tree(name, tree)
    for test in question.findall("qtest"):
        given = [each.findtext("name", "") for each in test.findall("testinput")]
        notes = {node.findtext(f"{way}answernote", "") for tree in trees.values() for node in tree.findall("node")
                 for way in ("true", "false")}
        if given != inputs or {each.findtext("name", "") for each in test.findall("expected")} != {*trees}:
            yield "a test of other inputs or trees"
        if not {each.findtext("expectedanswernote", "") for each in test.findall("expected")} <= notes:
            yield "a test expects a note that no node gives"


def _tree(name: str, tree: Element) -> Iterator[str]:
    nodes = {node.findtext("name", ""): node for node in tree.findall("node")}
    if len(nodes) != len(tree.findall("node")) or not all(key.isdigit() for key in nodes):
        yield f"nodes of {name} that are not told apart by numbers"
    reached, waiting = set[str](), [next(iter(nodes), "")]
    while waiting:
        key = waiting.pop()
        if key in reached:
            yield f"the nodes of {name} go round"
            return
        reached.add(key)
        ways = [nodes[key].findtext(f"{way}nextnode", "") for way in ("true", "false")]
        for way in ways:
            if way != "-1" and way not in nodes:
                yield f"a node of {name} leads to {way!r}"
                return
        waiting += [way for way in dict.fromkeys(ways) if way != "-1"]
    if reached != {*nodes}:
        yield f"nodes of {name} that nothing leads to"
    notes = [node.findtext(f"{way}answernote", "") for node in nodes.values() for way in ("true", "false")]
    if len({*notes}) < len(notes) or any(not note.strip() or {*note} & {*"|;:"} for note in notes):
        yield f"notes of {name} that are empty, alike, or hold a mark of STACK"
    for node in nodes.values():
        if node.findtext("answertest") not in TESTS or not node.findtext("sans") or not node.findtext("tans"):
            yield f"a node of {name} tests nothing"
        for way in ("true", "false"):
            score = node.findtext(f"{way}score", "")
            if node.findtext(f"{way}scoremode") not in {*"=+-"} or not _number(score) or float(score) > 1:
                yield f"a node of {name} has the score {score!r}"
