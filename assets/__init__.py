"""What exists and how it is computed, in folders named after the subjects of the study."""
