"""python -m shared.languages extract|check"""

import sys

from shared.languages.upkeep import main

sys.exit(main(sys.argv[1:]))
