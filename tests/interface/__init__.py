"""The pipeline from outside: deliveries in, and nothing looked at but what other programs may rely on."""
