"""`python -m loopwright` and the `loopwright` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. `--version` is answered before anything else is imported."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from loopwright import __version__

        print(f"loopwright {__version__}")
        return
    from loopwright.frontends.cli import main as cli

    cli()


if __name__ == "__main__":
    main()
