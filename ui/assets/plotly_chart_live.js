// The running candle moves with live prices between two refreshes.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.live) return;
  const PAUSE_MS = 2000;
  let waiting = null;

  function moved(view, price) {
    const before = view.live ?? { low: Infinity, high: -Infinity };
    view.live = { close: price, low: Math.min(before.low, price), high: Math.max(before.high, price) };
  }

  function drawAll() {
    waiting = null;
    charts.each((view) => view.wire && view.live?.fresh && !document.hidden && charts.draw(view));
  }

  function hear({ detail }) {
    const price = Number(detail?.price);
    if (!(price > 0)) return;
    charts.each((view) => {
      const meta = view.wire?.layout.meta;
      if (!meta?.running || meta.symbol !== detail.symbol) return;
      moved(view, price);
      view.live.fresh = true;
      waiting ??= setTimeout(drawAll, PAUSE_MS);
    });
  }

  function withLast(values, value) {
    const copy = values.slice();
    copy[copy.length - 1] = value(copy[copy.length - 1]);
    return copy;
  }

  charts.live = {
    apply(view, figure) {
      if (!view.live || !figure.layout.meta?.running) return;
      const candles = figure.data[0];
      candles.close = withLast(candles.close, () => view.live.close);
      candles.high = withLast(candles.high, (high) => Math.max(high, view.live.high));
      candles.low = withLast(candles.low, (low) => Math.min(low, view.live.low));
      view.live.fresh = false;
    },
  };
  document.addEventListener('cc:price', hear);
})();
