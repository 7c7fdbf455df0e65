"""Guardrails: fairness audit, disclosure control, review cases, algorithm-register record."""
