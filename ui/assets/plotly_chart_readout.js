// What stands under the crosshair, in words above the chart: prices, volume and indicators of one candle.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.readout) return;
  const OHLC = [['O', 'open'], ['H', 'high'], ['L', 'low'], ['C', 'close']];

  function number(value) {
    if (value === null || value === undefined) return '–';
    const size = Math.abs(value);
    const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    const text = size >= 10 ? value.toLocaleString('en-US', two) : size >= 1 ? value.toFixed(4) : String(Number(value.toPrecision(4)));
    return text.replace('-', '−');
  }

  function read(trace) {
    if (trace.type === 'candlestick') return OHLC.map(([label, field]) => [label, trace[field]]);
    return [[trace.meta.label, trace.y]];
  }

  function fields(view) {
    return view.drawn.data.filter((trace) => trace.meta?.label).flatMap(read);
  }

  function lay(view, labels) {
    const items = labels.map((label) => {
      const item = document.createElement('span');
      const value = document.createElement('b');
      item.append(label + ' ', value);
      return item;
    });
    const when = document.createElement('time');
    view.strip.replaceChildren(when, ...items);
    view.strip.dataset.labels = labels.join();
  }

  // At rest an indicator of the running candle, which has none yet, is that of the candle before.
  function valueAt(values, place, resting) {
    const value = values[place];
    return value === null && resting ? values.findLast((item) => item !== null) : value;
  }

  function write(view, place, resting) {
    const found = fields(view);
    const labels = found.map(([label]) => label);
    if (view.strip.dataset.labels !== labels.join()) lay(view, labels);
    const [when, ...items] = view.strip.children;
    const candles = view.drawn.data[0];
    when.textContent = candles.x[place].slice(0, 16);
    const kind = candles.close[place] >= candles.open[place] ? 'cc-up' : 'cc-down';
    items.forEach((item, index) => {
      item.lastChild.textContent = number(valueAt(found[index][1], place, resting));
      item.lastChild.className = index < OHLC.length ? kind : '';
    });
  }

  charts.readout = {
    show(view, point) {
      const candles = view.drawn?.data[0];
      if (!candles?.meta?.label || !candles.x.length) return charts.readout.clear(view);
      const place = point ? candles.x.lastIndexOf(String(point.x).padEnd(candles.x[0].length, ':00')) : candles.x.length - 1;
      if (place >= 0) write(view, place, !point);
    },
    clear(view) {
      view.strip.replaceChildren();
      delete view.strip.dataset.labels;
    },
  };
})();
