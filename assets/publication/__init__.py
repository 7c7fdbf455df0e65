"""The analysts' database: a published copy under a new name, swapped in by a link."""
