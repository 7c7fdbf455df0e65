"""Specifications of the indicators on posting."""
