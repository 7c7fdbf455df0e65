"""Every query, one per file, and the one place that runs them."""

import os

#: The engine writes the unused tail of some blocks to disk as it found it in memory, and that memory may have held a
#: number of a person. Its allocator reads this setting when it is loaded, so it stands before every import of it.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "zero:true")
