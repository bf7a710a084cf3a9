"""Point-in-time features and targets: pure functions of candles."""
