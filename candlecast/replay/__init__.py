"""A local server that plays recorded candles in the venues' own wire formats."""
