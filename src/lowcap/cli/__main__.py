"""So that `python -m lowcap.cli` works."""

import sys

from lowcap.cli import main

if __name__ == "__main__":
    sys.exit(main())
