"""The program jacobian, also python -m jacobian."""

import sys

from jacobian.command import command

main = command("jacobian", "jacobian.cli")

if __name__ == "__main__":
    sys.exit(main())
