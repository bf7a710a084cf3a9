"""Technical indicators for charts: defined once, computed over a history or candle by candle."""
