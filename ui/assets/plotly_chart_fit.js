// As high as what is on show, wherever a reader has moved to: the price axis and the lower panes.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.fit) return;
  const MARGIN = 0.04;

  function placesOnShow({ data, layout }) {
    const [from, to] = layout.xaxis.range.map(String);
    return data[0].x.flatMap((time, place) => (time >= from && time < to ? [place] : []));
  }

  const onAxis = (trace, name) => 'yaxis' + (trace.yaxis ?? 'y').slice(1) === name;

  // Candles, and the whole fan beside the newest one; bands as far as they do not make the candles small.
  function priceRange({ data, layout }, places) {
    const [candles, ...others] = data;
    const log = layout.yaxis.type === 'log';
    const scaled = (values) => values.filter((value) => value > 0).map((value) => (log ? Math.log10(value) : value));
    const drawn = others.filter((trace) => onAxis(trace, 'yaxis'));
    const atEnd = places.at(-1) === candles.x.length - 1;
    const fan = atEnd ? scaled(drawn.filter((trace) => trace.xaxis === 'x2').flatMap((trace) => trace.y)) : [];
    const bands = scaled(drawn.filter((trace) => trace.xaxis !== 'x2').flatMap((trace) => places.map((place) => trace.y[place])));
    const low = Math.min(...scaled(places.map((place) => candles.low[place])));
    const high = Math.max(...scaled(places.map((place) => candles.high[place])));
    const lowest = Math.min(low, ...fan, Math.max(low - (high - low), Math.min(...bands)));
    const highest = Math.max(high, ...fan, Math.min(high + (high - low), Math.max(...bands)));
    const room = MARGIN * (highest - lowest) || (log ? MARGIN / 10 : high / 100);
    return [lowest - room, highest + room];
  }

  function paneRange({ data }, places, name, floor) {
    const values = data.filter((trace) => onAxis(trace, name)).flatMap((trace) => places.map((place) => Math.abs(trace.y[place] ?? 0)));
    const top = 1.08 * values.reduce((most, value) => Math.max(most, value), 0);
    return top > 0 ? [floor * top, top] : null;
  }

  // Ranges by axis, of a figure of candles; none where no candle is on show.
  charts.fit = (figure) => {
    const fitted = figure.layout.meta?.fitted;
    const places = fitted ? placesOnShow(figure) : [];
    if (!places.length) return {};
    const panes = Object.entries(fitted).map(([name, floor]) => [name, paneRange(figure, places, name, floor)]);
    return Object.fromEntries([['yaxis', priceRange(figure, places)], ...panes].filter(([, range]) => range));
  };
})();
