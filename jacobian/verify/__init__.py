"""Is a claimed derivative right? Verdicts from numeric Jacobians with error bounds."""

from jacobian.verify.check import check
from jacobian.verify.report import Place, Report, WrongDerivative

__all__ = ["Place", "Report", "WrongDerivative", "check"]
