"""Tests, in folders that mirror the packages; `builders` makes their warehouses."""
