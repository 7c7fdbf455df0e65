"""Gates: Great Expectations at arrival and at release, and nowhere else."""
