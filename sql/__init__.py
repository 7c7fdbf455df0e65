"""Every query, one per file, and the one place that runs them."""
