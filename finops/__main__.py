"""``python -m finops``"""

from finops.cli.app import main

main()
