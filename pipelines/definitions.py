"""What Dagster loads: nothing but the assembled definitions."""

from pipelines.build import build_definitions

defs = build_definitions()
