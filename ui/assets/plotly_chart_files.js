// A chart as a picture, its visible candles as a table: made in the browser, from what is on show.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.files) return;

  function nameOf(view) {
    return 'candlecast-' + String(view.key).replace(/[^A-Za-z0-9]+/g, '-').toLowerCase();
  }

  function picture(view) {
    const { data, layout } = view.plot;
    const title = { text: String(view.key).replace(/[<>&]/g, ''), x: 0.01, xanchor: 'left', font: { size: 14, color: charts.look.colour('ink') } };
    const shown = { ...layout, title, paper_bgcolor: charts.look.colour('bg'), margin: { ...layout.margin, t: 36 } };
    const size = { width: view.plot.clientWidth, height: view.plot.clientHeight };
    return Plotly.downloadImage({ data, layout: shown }, { format: 'png', scale: 2, filename: nameOf(view), ...size });
  }

  function columns(figure) {
    const candles = figure.data[0];
    const price = ['open', 'high', 'low', 'close'].map((name) => [candles.meta.column + name, candles[name]]);
    const rest = figure.data.slice(1).filter((trace) => trace.meta?.column);
    return [['time', candles.x], ...price, ...rest.map((trace) => [trace.meta.column, trace.y])];
  }

  function rows(view) {
    const [from, to] = view.plot.layout.xaxis.range.map((end) => charts.times.utc(end));
    const times = view.wire.data[0].x;
    const end = (text) => text.padEnd(19, ' 00:00:00');
    return times.map((_, place) => place).filter((place) => end(times[place]) >= from && end(times[place]) < to);
  }

  function table(view) {
    const found = columns(view.wire);
    const running = view.wire.layout.meta?.running ? view.wire.data[0].x.length - 1 : -1;
    const cell = (name, value) => (value === null ? '' : name === 'time' && value.length > 10 ? value.replace(' ', 'T') + 'Z' : String(value));
    const lines = rows(view).map((place) => [...found.map(([name, values]) => cell(name, values[place])), place !== running]);
    return [[...found.map(([name]) => name), 'closed'], ...lines].map((line) => line.join(',')).join('\r\n') + '\r\n';
  }

  function save(text, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const ACTS = {
    chartPng: picture,
    chartCsv: (view) => save(table(view), nameOf(view) + '.csv'),
    chartReset: (view) => charts.zoom.reset(view),
  };

  document.addEventListener('click', ({ target }) => {
    const button = target.closest?.('[data-chart-png],[data-chart-csv],[data-chart-reset]');
    if (!button) return;
    const [act, id] = Object.entries(button.dataset).find(([name]) => name in ACTS);
    const view = charts.view(id);
    if (view?.wire) ACTS[act](view);
  });

  charts.files = { nameOf, table };
})();
