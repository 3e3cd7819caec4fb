"""The program python -m derivations."""

import sys

from jacobian import command

main = command("derivations", "derivations.cli")

if __name__ == "__main__":
    sys.exit(main())
