"""``python -m sealscrub``: the command line."""

from sealscrub.cli import main

main()
