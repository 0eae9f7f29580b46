"""The command: what `retouch`, `kubectl-retouch` and `python -m retouch` start."""

from __future__ import annotations

import sys

from .cli.interrupt import catch_signals


def main() -> int:
    """Run the command line of this process; the exit code."""
    catch_signals()  # before the imports, for which Ctrl-C may well be too early
    from .cli.garbage import leave_all, put_off

    put_off()
    try:
        from .cli.command import main as run

        return run()
    finally:
        leave_all()


if __name__ == "__main__":
    sys.exit(main())
