"""Tests of `assets.feeds` and `sql/feeds`."""
