"""What must be true: contracts, reference data, thresholds and gates."""
