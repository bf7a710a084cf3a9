// What a reader has zoomed to stays, whatever the server sends about the same series.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.zoom) return;

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

  // Lower panes are as high as what is on show, wherever a reader has moved to.
  function paneRanges(figure) {
    if (!figure.layout.meta?.fitted) return {};
    const times = figure.data[0].x;
    const [from, to] = figure.layout.xaxis.range.map(String);
    const places = times.map((_, place) => place).filter((place) => times[place] >= from && times[place] <= to);
    const found = {};
    for (const [name, floor] of Object.entries(figure.layout.meta?.fitted ?? {})) {
      const traces = figure.data.filter((trace) => 'yaxis' + (trace.yaxis ?? 'y').slice(1) === name);
      const values = traces.flatMap((trace) => places.map((place) => Math.abs(trace.y[place] ?? 0)));
      const top = 1.08 * values.reduce((most, value) => Math.max(most, value), 0);
      if (top > 0) found[name] = [floor * top, top];
    }
    return found;
  }

  charts.zoom = {
    remember(view, changes) {
      const layout = view.plot.layout;
      for (const name of ['xaxis', 'yaxis']) {
        if (!touched(changes, name) || !layout[name]?.range) continue;
        const range = inUtc(layout[name], layout[name].range);
        view.zoom = { ...view.zoom, [name]: { range, type: layout[name].type } };
      }
      if (!view.zoom?.xaxis || !touched(changes, 'xaxis')) return;
      tell(view);
      const ranges = Object.entries(paneRanges(view.plot)).map(([name, range]) => [name + '.range', range]);
      if (ranges.length) Plotly.relayout(view.plot, Object.fromEntries(ranges));
    },
    apply(view, figure) {
      for (const [name, kept] of Object.entries(view.zoom ?? {})) {
        const axis = figure.layout[name];
        if (axis && axis.type === kept.type) Object.assign(axis, { range: drawnRange(axis, kept.range), autorange: false });
      }
      for (const [name, range] of Object.entries(paneRanges(figure))) Object.assign(figure.layout[name], { range, autorange: false });
    },
    reset(view) {
      view.zoom = null;
      if (view.wire) charts.draw(view);
      if (view.wire?.layout.meta?.range_in_address) window.candlecast?.go({ range: '' });
    },
  };
})();
