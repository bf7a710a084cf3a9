"""Which figures do open tabs show? Kept by digest for all tabs, so that a tab is sent only what changed."""

from collections import OrderedDict
from typing import Any

from ui.chart.delta import steps_between
from ui.chart.value import Figure, chart_value, compact, digest_of, pooled


class FigureKeeper:
    """The newest figures that were sent, the same for all tabs of one page server.

    Parameters
    ----------
    most : int
        How many figures are kept; those unused longest go first. A tab that shows one of them gets
        the next one as its changes, another tab gets it whole.
    """

    def __init__(self, *, most: int = 64) -> None:
        self._most = most
        self._figures: OrderedDict[str, Figure] = OrderedDict()
        self._changes: OrderedDict[tuple[str, str], str] = OrderedDict()

    def value(self, *, key: str, label: str, figure: Figure | None, held: str, note: str | None = None) -> str:
        """Return the value of a `plotly_chart` for a tab that shows the figure with the digest `held`.

        Parameters
        ----------
        key, label, figure, note
            As for `chart_value`.
        held : str
            Digest of what the tab shows; "" or an unknown one: the whole figure is sent.
        """
        if figure is None:
            return chart_value(key=key, label=label, figure=None, note=note)
        wire = pooled(figure)
        digest = digest_of(wire)
        told: dict[str, Any] = {"key": key, "label": label, "note": note, "digest": digest}
        base = self._keep(digest, wire, held)
        whole = compact(told | {"figure": wire})
        if base is None:
            return whole
        steps = self._steps(held, base, digest, wire)
        short = f'{compact(told | {"base": held})[:-1]},"steps":{steps}}}'
        return short if len(short) < len(whole) else whole

    def _keep(self, digest: str, wire: Figure, held: str) -> Figure | None:
        base = wire if held == digest else self._figures.get(held)
        if base is not None and held in self._figures:
            self._figures.move_to_end(held)
        self._figures[digest] = wire
        self._figures.move_to_end(digest)
        while len(self._figures) > self._most:
            self._figures.popitem(last=False)
        return base

    def _steps(self, held: str, base: Figure, digest: str, wire: Figure) -> str:
        pair = (held, digest)
        if pair not in self._changes:
            self._changes[pair] = compact(steps_between(base, wire))
            while len(self._changes) > self._most:
                self._changes.popitem(last=False)
        return self._changes[pair]
