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

  // An averaged candle keeps its open, which the candles before it made.
  function averaged({ open, high, low, close }, drawnOpen) {
    const mean = (open + high + low + close) / 4;
    return { close: mean, high: Math.max(high, drawnOpen, mean), low: Math.min(low, drawnOpen, mean) };
  }

  charts.live = {
    apply(view, figure) {
      const running = figure.layout.meta?.running;
      if (!view.live || !running) return;
      const candles = figure.data[0];
      const { close } = view.live;
      const high = Math.max(running.high, view.live.high);
      const low = Math.min(running.low, view.live.low);
      const real = { open: running.open, high, low, close };
      const shown = figure.layout.meta.heikin ? averaged(real, candles.open.at(-1)) : real;
      for (const name of ['high', 'low', 'close']) candles[name] = [...candles[name].slice(0, -1), shown[name]];
      view.live.fresh = false;
    },
  };
  document.addEventListener('cc:price', hear);
})();
