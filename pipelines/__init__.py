"""How it runs: Dagster definitions, the command line, and nothing that computes."""

import os

# One thread for linear algebra: the matrices are small, and threads would fight over the cores. Libraries read this
# once, when they are loaded, so it is said before anything else is imported; who runs the command may say otherwise.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_library, "1")
