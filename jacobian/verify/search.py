"""The search for a point at which a claim fails, and what is reported of it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.fit import fitted
from jacobian.numeric.function import Function
from jacobian.numeric.measure import Estimate, measure
from jacobian.verify.claim import Misfit
from jacobian.verify.compare import VISIBLE, compare, noisy, shaped, tolerance, widened
from jacobian.verify.diagnose import INFORMED, LIKELY, Cause, Point, diagnose, of_defect, ranked, wrong_inputs
from jacobian.verify.faults.calls import Defect, defect, misshapen
from jacobian.verify.locate import located
from jacobian.verify.products import depends_on_history
from jacobian.verify.report import Report
from jacobian.verify.sample import Arrays, Sample, beside, drawn, given, scaled, smaller
from jacobian.verify.special import unseen
from jacobian.verify.trial import Trial

SHRINKS = 6             # further points that are tried to make a failing one smaller
MANY = 5                # points that are tried where fewer of them fail than that
FITTED, MOST = (64, 512), 2**15     # values of a noisy f that are fitted in each column; and of all columns together
WITNESSES = 2           # further points at which a cause must explain the numbers


def telling(trials: list[Trial]) -> list[Trial]:
    """Those without an axis of length 1, along which nothing shows, where there are any."""
    return [trial for trial in trials if all(1 not in shape for shape in trial.function.shapes)] or trials


class Search:
    """Claims about one function, at x and at other points."""

    def __init__(self, function: Function, sample: Sample | None, spec: Any) -> None:
        self.function, self.names, self.sample, self.spec = function, function.names, sample, spec
        self.others: list[Function] = []

    @property
    def evaluations(self) -> int:
        """How often f was called, at all points."""
        return self.function.evaluations + sum(other.evaluations for other in self.others)

    def examine(self, name: str, claim: Any) -> Report:
        """The report on one claim."""
        try:
            here = Trial(name, claim, self.function, thorough=True)
        except Misfit as misfit:
            return self.misfit(name, misfit, self.function)
        if here.claim.defects or not callable(claim):
            return self.judged(here, [])
        failing, witnesses, failures = here if here.suspicious else None, [], []
        for x in self.points(here):
            try:
                there = self.tried(name, claim, x)
            except Misfit as misfit:
                failures.append(self.misfit(name, misfit, self.others[-1]))
                continue
            except InputError as error:
                failures.append(self.refused(name, error, self.others[-1]))
                continue
            if there is None:
                continue
            if here.analytic and not there.analytic and np.isfinite(there.claim.matrix).all():
                continue        # too hard for differences there: noise, or a ripple
            witnesses.append(there)
            if failing is None and there.suspicious:
                failing = there
            if failing and len(witnesses) > WITNESSES and (
                    len(witnesses) > MANY or sum(w.suspicious for w in witnesses) >= WITNESSES):
                break
        late = self.late(here, witnesses)
        if late:
            here.claim = replace(here.claim, defects=(late,))
            return self.judged(here, [])
        if failing is None:
            return failures[0] if failures and self.sample is not None else self.judged(here, [])
        least = failing if failing is here else self.shrunk(claim, failing)
        report = self.judged(least, [failing, *witnesses[1:], here])
        return report if report.verdict == "wrong" or failing is here else self.judged(here, [])

    # ---- points ------------------------------------------------------------------------------------------------------

    def points(self, here: Trial) -> Iterator[Arrays]:
        """Where to look, besides x."""
        yield beside(self.function.given)
        yield from drawn(self.function.given) if self.sample is None else given(self.sample, self.function.several)
        if here.analytic:       # of noise and staircases small numbers show nothing else
            yield from scaled(self.function.given)

    def tried(self, name: str, claim: Any, x: Arrays) -> Trial | None:
        """The claim at another x, or None where f has no value; only a sample that was given must have one."""
        try:
            other = Function(self.function.f, x if self.function.several else x[0], called=self.names)
        except InputError:
            return None
        self.others.append(other)
        usable = other.x.size and other.y.size and np.isfinite(other.y).all()
        return Trial(name, claim, other) if usable else None

    def shrunk(self, claim: Any, failing: Trial) -> Trial:
        """A smaller point at which the claim fails as well."""
        for _ in range(SHRINKS):
            for x in smaller(failing.function.given):
                try:
                    there = self.tried(failing.name, claim, x)
                except (Misfit, InputError):
                    continue
                if there and there.suspicious:
                    failing = there
                    break
            else:
                break
        return failing

    # ---- reports -----------------------------------------------------------------------------------------------------

    def late(self, here: Trial, witnesses: list[Trial]) -> Defect | None:
        """What shows after calls at other points only: a result that is kept."""
        if here.product is None:
            return None
        if witnesses and witnesses[0].suspicious and not here.suspicious:
            point = witnesses[0].point()
            inputs = wrong_inputs([point], self.names) if point else ()
            sentence = "depends on earlier calls: it is right at the first x, and wrong at an x just beside it."
            return defect("stale cache", f"{here.name} {sentence}", inputs)
        return depends_on_history(here.product, here.claim.matrix, here.function.given) if witnesses else None

    def judged(self, trial: Trial, witnesses: list[Trial]) -> Report:
        """The verdict at one point, with the cause where it is wrong."""
        point = trial.point() if trial.suspicious or trial.claim.defects else None
        found = point.found if point else measure(trial.function)
        report = self.placed(compare(trial.name, trial.claim, trial.function, found), trial.function)
        if report.verdict == "undecided" and noisy(trial.function, found).any():
            report = self.placed(self.smoothed(trial, found, report), trial.function)
        if report.verdict != "wrong":
            return report
        if not (trial.claim.defects or trial.confirmed(found)):
            doubtful = compare(trial.name, trial.claim, trial.function, widened(trial.claim, found))
            return self.placed(doubtful, trial.function)
        if trial.claim.defects:
            causes = [of_defect(each) for each in trial.claim.defects]
            report = replace(report, wrong=tuple(sorted({k for cause in causes for k in cause.inputs})))
        elif not np.isfinite(trial.claim.matrix).all():
            causes = [of_defect(defect("overflow", f"{trial.name} is not finite where f is, and its derivative"))]
        else:
            here = Point(trial.function, found, trial.claim.matrix, tolerance(trial.claim, found))
            others = [w for w in dict.fromkeys(witnesses) if w is not trial]
            agreeing = (w.point() for w in others if not w.suspicious)
            failing = telling([w for w in others if w.suspicious])
            wrongly = (w.point() for w in failing)
            points = [here, *islice(filter(None, wrongly), WITNESSES), *islice(filter(None, agreeing), 1)]
            wrong = wrong_inputs(points, self.names)
            gradients = diagnose(points, wrong, self.names)
            steps = [replace(step, inputs=wrong) for step in located(self.spec, points, self.names, wrong)]
            if not steps and all(each.cost > LIKELY or not each.whole for each in gradients) and trial.product:
                tried = partial(self.tried, trial.name, trial.product.product)
                gradients += unseen(trial, failing, tried, self.names, wrong)
            explanations = [*steps, *gradients] if self.spec is not None or len(wrong) > 1 else [*gradients, *steps]
            causes = ranked(explanations, sum(point.wrong for point in points) >= INFORMED)
            report = replace(report, wrong=wrong)
        return replace(report, causes=tuple(causes))

    def smoothed(self, trial: Trial, found: Estimate, before: Report) -> Report:
        """That the claim is right, where many values of f show it: if they contradict it, a kink may be smoothed away.
        """
        for count in FITTED:
            columns = np.flatnonzero((2 * found.error > VISIBLE * np.abs(trial.claim.matrix)).any(axis=0))
            if count * columns.size > MOST:
                break
            found = fitted(trial.function, found, columns, count)
            report = compare(trial.name, trial.claim, trial.function, found)
            if report.verdict == "right":
                return report
        return before

    def misfit(self, name: str, misfit: Misfit, function: Function) -> Report:
        """The report on a claim of the wrong shape."""
        fault = misshapen(misfit.given, misfit.expected, function.shape)
        inputs = () if name == "jvp" else fault.inputs
        which = " and ".join(self.names[k] for k in inputs)
        where = f", in the gradient of {which}" if which else ""
        cause = of_defect(replace(fault, sentence=f"{fault.name}{where}: {fault.sentence}"))
        numeric = shaped(function, measure(function).value)
        report = Report("wrong", name, f"The {name} is wrong: {misfit}.", np.inf, 0.0, None, None, numeric,
                        causes=(cause,), wrong=inputs)
        return self.placed(report, function)

    def refused(self, name: str, error: InputError, function: Function) -> Report:
        """The report on a claim that raises where f has a value."""
        cause = Cause("transpose", "the claim fails where f has a value: axes that do not match, or a length that is"
                      " taken for another", "transposes, the order of factors, and lengths that are written as numbers")
        report = Report("wrong", name, f"The {name} is wrong: {error}.", np.inf, 0.0, None, None,
                        shaped(function, measure(function).value), causes=(cause,))
        return self.placed(report, function)

    def placed(self, report: Report, function: Function) -> Report:
        """The report with the x it speaks of, and what its parts are called."""
        report = replace(report, x=function.one(function.given), names=self.names)
        if function is self.function or report.verdict != "wrong":
            return report
        shapes = ", ".join(f"{name} of shape {shape}" for name, shape in zip(self.names, function.shapes, strict=True))
        note = f"It is right at the x that was given, and wrong at report.x: {shapes}."
        return replace(report, notes=(note, *report.notes))
