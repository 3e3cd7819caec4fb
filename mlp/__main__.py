"""The program mlp, also python -m mlp."""

import sys

from jacobian import command

main = command("mlp", "mlp.cli")

if __name__ == "__main__":
    sys.exit(main())
