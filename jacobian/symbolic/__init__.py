"""Expressions with symbolic sizes and their structured derivatives."""

from jacobian.symbolic import space  # makes expressions entries of Jacobians, and gives them their operators

__all__ = ["space"]
