"""What is told: briefs, charts and their texts, from the published database only."""
