"""Which quantity a typed name means: δ₂, \\delta_2, delta_2, delta^{(2)} and d2 are the delta2 of the question."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LETTERS = "αβγδεζηθικλμνξπρστυφχψωΔΣΛΘΓΦΨΩ"
_SPELLED = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi
psi omega Delta Sigma Lambda Theta Gamma Phi Psi Omega"""
GREEK = dict(zip(_LETTERS, _SPELLED.split(), strict=True))
LONGEST = 24            # of a name that is taken apart into several


def canonical(name: str) -> str:
    """The name without subscripts and brackets, Greek letters in words."""
    spelled = "".join(GREEK.get(c, c) for c in name)
    plain = re.sub(r"[_{}^()\[\]\\]", "", spelled)
    return re.sub(r"^(var)?(epsilon)", r"\2", re.sub(r"^lam(?!bda)", "lambda", plain))


class Names:
    """The names of a question: quantities and sizes, by their canonical spelling."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = {canonical(name): name for name in known}
        folded: dict[str, list[str]] = {}
        for name in self.known.values():
            folded.setdefault(canonical(name).lower(), []).append(name)
        self.folded = {key: found[0] for key, found in folded.items() if len(found) == 1}

    def find(self, name: str) -> str | None:
        """The quantity that is meant, or None."""
        key = canonical(name)
        return self.known.get(key)

    def loosely(self, name: str) -> str | None:
        """The same where only case differs, or d stands for delta."""
        key = canonical(name)
        if key[:1] == "d" and (found := self.known.get("delta" + re.sub("^dz?", "", key))):
            return found
        return self.folded.get(key.lower())

    def split(self, name: str) -> list[str] | None:
        """Several quantities written one after the other, Wx, as few as possible; None where the name is not that."""
        key = "".join(GREEK.get(c, c) for c in name)
        if len(key) > LONGEST:
            return None
        best: list[list[str] | None] = [[]] + [None] * len(key)
        for end in range(1, len(key) + 1):
            for start in range(end):
                part, before = key[start:end], best[start]
                found = self.find(part) if not part[0].isdigit() else None
                if found is not None and before is not None and part.strip("_"):
                    candidate = [*before, found]
                    shortest = best[end]
                    if shortest is None or len(candidate) < len(shortest):
                        best[end] = candidate
        whole = best[len(key)]
        return whole if whole and len(whole) > 1 else None
