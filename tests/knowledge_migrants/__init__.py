"""Specifications of the indicators on the knowledge-migrant scheme."""
