"""Many files: found, read, scored on several processes, and given back in order as `Result`s."""

from fanzha.batch.run import PATIENCE, cores, run
from fanzha.result import Result

__all__ = ["PATIENCE", "Result", "cores", "run"]
