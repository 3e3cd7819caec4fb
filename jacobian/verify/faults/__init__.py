"""The table of faults: how a person gets a derivative wrong, as transformations of the right one."""

from jacobian.verify.faults.activations import LOCAL, SWAPPED
from jacobian.verify.faults.axes import AXES
from jacobian.verify.faults.factors import FACTORS
from jacobian.verify.faults.fault import Block, Fault
from jacobian.verify.faults.parts import PARTS
from jacobian.verify.faults.times import TIMES, Times

FAULTS: tuple[Fault, ...] = (*FACTORS, *AXES, *LOCAL, *PARTS)
REPEATED: tuple[Fault | Times, ...] = (FACTORS[0], *AXES, *LOCAL, *PARTS, *TIMES)     # of a step that a loop takes

__all__ = ["FAULTS", "REPEATED", "SWAPPED", "Block", "Fault", "Times"]
