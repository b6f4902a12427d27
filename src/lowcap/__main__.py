"""So that `python -m lowcap` is the command `lowcap`."""

import sys

from lowcap import interrupt


def main() -> int:
    """Run the command line; an interrupt ends it in one line even while it is being loaded."""
    interrupt.listen()
    try:
        from lowcap.cli import main as run

        return run()
    except KeyboardInterrupt:
        print("lowcap: interrupted before anything began", file=sys.stderr)
        return 130
    except (ImportError, MemoryError) as error:
        print(f"lowcap: cannot be loaded ({' '.join(str(error).split())})", file=sys.stderr)
        return 1
    finally:
        interrupt.leave()


if __name__ == "__main__":
    sys.exit(main())
