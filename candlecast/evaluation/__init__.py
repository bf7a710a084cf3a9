"""How a model is judged: purged walk-forward, metrics, baselines."""
