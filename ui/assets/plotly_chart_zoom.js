// What a reader has zoomed to stays, whatever the server sends about the same series.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.zoom) return;
  // a pan along the time that moved prices by less than this share of their axis left them alone
  const UNMEANT_SHARE = 0.1;

  function touched(changes, axis) {
    return Object.keys(changes).some((name) => name.startsWith(axis + '.range') || name === axis + '.autorange');
  }

  function isDates(axis) {
    return axis?.type === 'date';
  }

  function inUtc(axis, range) {
    return isDates(axis) ? range.map((end) => charts.times.utc(end)) : range.slice();
  }

  function drawnRange(axis, range) {
    return isDates(axis) ? range.map((end) => charts.times.local(end)) : range.slice();
  }

  // A shared address shows what its sender sees, where the page keeps its range there.
  function tell(view) {
    if (!view.wire.layout.meta?.range_in_address) return;
    const url = new URL(window.location);
    const ends = view.zoom.xaxis.range.map((end) => end.replace(' ', 'T') + 'Z');
    url.searchParams.set('range', ends.join('~'));
    window.history.replaceState(window.history.state, '', url);
    view.preset = '';
  }

  // The price axis follows what is on show until a reader draws at it: a wheel over the candles means their time.
  function pricesMeant(view, changes) {
    const { dragmode, yaxis } = view.plot.layout;
    if (view.zoom?.yaxis || !view.fitted?.yaxis || dragmode !== 'pan' || !touched(changes, 'xaxis')) return true;
    const [low, high] = view.fitted.yaxis;
    const height = high - low;
    const moved = yaxis.range.map((end, place) => (end - view.fitted.yaxis[place]) / height);
    return Math.abs(moved[1] - moved[0]) < 1e-6 && Math.abs(moved[0]) >= UNMEANT_SHARE;
  }

  function fitted(view, figure) {
    view.fitted = charts.fit(figure);
    return Object.entries(view.fitted).filter(([name]) => !view.zoom?.[name]);
  }

  charts.zoom = {
    remember(view, changes) {
      if (view.fitting) return;
      const layout = view.plot.layout;
      for (const name of ['xaxis', 'yaxis']) {
        if (!touched(changes, name) || !layout[name]?.range) continue;
        if (name === 'yaxis' && !pricesMeant(view, changes)) continue;
        const range = inUtc(layout[name], layout[name].range);
        view.zoom = { ...view.zoom, [name]: { range, type: layout[name].type } };
      }
      if (!view.zoom?.xaxis || !touched(changes, 'xaxis')) return;
      tell(view);
      const ranges = fitted(view, view.plot).map(([name, range]) => [name + '.range', range]);
      if (!ranges.length) return;
      view.fitting = true;
      Plotly.relayout(view.plot, Object.fromEntries(ranges)).finally(() => { view.fitting = false; });
    },
    apply(view, figure) {
      for (const [name, kept] of Object.entries(view.zoom ?? {})) {
        const axis = figure.layout[name];
        if (axis && axis.type === kept.type) Object.assign(axis, { range: drawnRange(axis, kept.range), autorange: false });
      }
      // ranges are kept here, and Plotly must not put an earlier one over them
      view.nDrawn = (view.nDrawn ?? 0) + 1;
      for (const name of ['xaxis', 'yaxis']) if (figure.layout[name]) figure.layout[name].uirevision = view.nDrawn;
      for (const [name, range] of fitted(view, figure)) Object.assign(figure.layout[name], { range, autorange: false });
    },
    reset(view) {
      view.zoom = null;
      if (view.wire) charts.draw(view);
      if (view.wire?.layout.meta?.range_in_address) window.candlecast?.go({ range: '' });
    },
  };
})();
