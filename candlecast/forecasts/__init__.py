"""From candles to a recorded forecast."""
