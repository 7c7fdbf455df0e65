"""Indicators on posting from other Member States (P01-P20): where it is used as a way round the Dutch rules.

One module for each indicator, pure; `reading` runs the queries, `assets` is the Dagster wiring.
"""
