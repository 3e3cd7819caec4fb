"""Files for Moodle hold all that an import asks for, of every topic; a breach of each rule is found."""

from __future__ import annotations

from functools import cache

import pytest
from importing import breaches

import jacobian as jac
from jacobian.worksheet.render.moodle import moodle
from jacobian.worksheet.topics import TOPICS

QUICK = ("gradients", "softmax-cross-entropy")
FORMULA = {"matrix-calculus": {"formulas": (jac.Formula("norm2(A*x - b)^2", by="x"),)}}
ALL = [pytest.param(topic, marks=() if topic in QUICK else pytest.mark.slow) for topic in TOPICS]


@cache
def written(topic: str) -> tuple[str, str]:
    made = jac.worksheet(topic, seed=3, **FORMULA.get(topic, {}))
    return moodle(made.sheet), moodle(made.key)


@pytest.mark.parametrize("topic", ALL)
def test_a_file_for_moodle_has_all_that_an_import_asks_for(topic: str) -> None:
    for source in written(topic):
        assert breaches(source) == []


def test_a_key_has_questions_of_every_type() -> None:
    _, key = written("gradients")
    assert {kind for kind in ("category", "description", "essay", "cloze", "stack") if f'type="{kind}"' in key} \
        == {"category", "description", "essay", "cloze", "stack"}


BREACHED = [
    ("<quiz>", "<questions>", "no XML"), ("</quiz>", "", "no XML"), ('type="stack"', 'type="stak"', "type 'stak'"),
    ("$course$/", "course/", "no path"), ("<name><text>", "<name><text>" + 300 * "n", "a name of"),
    ('<questiontext format="html">', "<questiontext>", "without a format"),
    ("<defaultgrade>", "<defaultgrade>one and ", "defaultgrade is"),
    ("<responseformat>editor", "<responseformat>paper", "in no format"),
    ("<responsefieldlines>", "<responsefieldlines>about ", "number of lines"),
    ("<responsetemplate", "<template", "no XML"), (":NUMERICAL:=", ":NUMERICAL:", "is read as no field"),
    ("{1:NUMERICAL", "{0:NUMERICAL", "no weight"), ("[[input:ans1]]", "", "[[input:…]]"),
    ("[[validation:ans1]]", "[[validation:ans2]]", "[[validation:…]]"), ("[[feedback:prt1]]", "", "[[feedback:…]]"),
    ("<falsenextnode>1<", "<falsenextnode>0<", "go round"), ("<falsenextnode>1<", "<falsenextnode>99<", "leads to"),
    ("<falsenextnode>1<", "<falsenextnode>-1<", "nothing leads to"), ("prt1-2-T", "prt1-1-T", "alike"),
    ("<truescore>1.0", "<truescore>2.0", "the score"), ("<answertest>AlgEquiv", "<answertest>Alike", "tests nothing"),
    ("<expectedanswernote>prt1-1-T", "<expectedanswernote>right", "expects a note"),
    ("<testinput><name>ans1", "<testinput><name>ans2", "other inputs"), ("<type>algebraic", "<type>formula", "no type"),
]


@pytest.mark.parametrize(("old", "new", "said"), BREACHED, ids=[f"{old} {said}" for old, _, said in BREACHED])
def test_a_breach_of_each_rule_is_found(old: str, new: str, said: str) -> None:
    _, key = written("gradients")
    assert old in key
    assert any(said in found for found in breaches(key.replace(old, new)))
