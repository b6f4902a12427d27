"""So that `python -m lowcap` is the command `lowcap`."""

import sys

from lowcap.cli import main

if __name__ == "__main__":
    sys.exit(main())
