"""How it runs: Dagster definitions, the command line, and nothing that computes."""
