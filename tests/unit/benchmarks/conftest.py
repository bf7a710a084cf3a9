"""The benchmarks are programs beside one another: they find their neighbours in their own folder."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"

# last, for some are called as packages of the product are
sys.path.append(str(BENCHMARKS))
