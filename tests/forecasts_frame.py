"""Out-of-sample forecasts for tests of what judges them: Gaussian returns whose volatility is known in advance."""

import numpy as np
import pandas as pd

REACHES = {"reach_50": 0.674, "reach_80": 1.282, "reach_90": 1.645, "reach_95": 1.960}


def make_forecasts(n: int = 900, *, skill: float = 0.0, seed: int = 6) -> pd.DataFrame:
    """Return `n` forecasts of three symbols, an hour apart; `skill` moves P(up) towards the truth."""
    rng = np.random.default_rng(seed)
    sigma = rng.uniform(0.005, 0.02, size=n)
    log_return = sigma * rng.normal(size=n)
    up = (log_return > 0).astype(float)
    closes = pd.date_range("2024-01-01", periods=n // 3, freq="h", tz="UTC").repeat(3)
    return pd.DataFrame(
        {
            "symbol": np.tile(["A", "B", "C"], n // 3),
            "close_time": closes,
            "target_time": closes + pd.Timedelta(hours=1),
            "fold": np.repeat([1, 2, 3], n // 3),
            "direction": up,
            "log_return": log_return,
            "fill_log_return": log_return,
            "realised_volatility": sigma,
            "p_model": np.clip(0.5 + skill * (up - 0.5) + 0.4 * (rng.random(n) - 0.5), 0.01, 0.99),
            "p_majority": 0.5,
            "p_last_direction": 0.5,
            "p_logistic": 0.5,
            "sigma": sigma,
            "histvol": np.full(n, 0.0125),
        }
        | {name: sigma * z for name, z in REACHES.items()}
    )
