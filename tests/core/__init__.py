"""Tests of `assets.core` and `sql/core`."""
