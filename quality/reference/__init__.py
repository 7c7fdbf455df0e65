"""The law and the public record as dated tables with a source: norms, events, schemes, code lists.

Belongs here: the CSV files, `NOTES.md` on what could not be verified, and reading them (`tables`). Does not
belong here: judging them (`quality.reference_checks`) and figures that a supplier delivers.
"""
