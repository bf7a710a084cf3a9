"""Which colours may a figure name? Tokens of the page's theme, which the chart's script resolves when it draws."""

UP = "var(--cc-up)"
DOWN = "var(--cc-down)"
ACCENT = "var(--cc-accent)"
WARN = "var(--cc-warn)"
VIOLET = "var(--cc-violet)"
INK = "var(--cc-ink)"
DIM = "var(--cc-dim)"
LINE = "var(--cc-line)"
SOLID = "var(--cc-solid)"
CLEAR = "rgba(0,0,0,0)"


def tint(token: str, opacity: float) -> str:
    """Return a colour token with an opacity from 0 to 1, as ``var(--cc-up / 0.3)``."""
    return f"{token[:-1]} / {opacity:g})"
