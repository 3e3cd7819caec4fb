"""python -m jacobian"""

import sys

from jacobian.cli import main

sys.exit(main())
