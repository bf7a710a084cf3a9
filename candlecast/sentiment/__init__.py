"""What a text says about a market, as a score from -1 to +1."""
