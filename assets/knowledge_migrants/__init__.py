"""Indicators on the knowledge-migrant scheme (H01-H21): where it is used by whom it was not meant for.

One module for each indicator, pure; `reading` runs the queries, `assets` is the Dagster wiring.
"""
