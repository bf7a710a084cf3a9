// One chart on the page: from the value that the server sends to the drawn figure.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.attach) return;
  const views = new Set();

  charts.view = (id) => [...views].find((view) => view.id === id);
  charts.held = (id) => charts.view(id)?.digest ?? '';
  charts.each = (act) => views.forEach((view) => view.element.isConnected ? act(view) : views.delete(view));

  charts.attach = (element, props, watch, id) => {
    // a chart that the first view drew stays, and hears what its heir is told
    const view = charts.view(id) ?? begun(element, id);
    const show = () => receive(view, JSON.parse(props.value));
    watch('value', show);
    if (view.element === element) show();
  };

  // The drawn chart goes to the place that is laid out for it.
  charts.move = (id, holder) => {
    const [view, place] = [charts.view(id), holder?.querySelector('.cc-plot')?.parentElement];
    if (!view || !place) return;
    place.replaceChildren(...view.element.childNodes);
    view.element = place;
  };

  function begun(element, id) {
    const view = {
      id,
      element,
      plot: element.querySelector('.cc-plot'),
      note: element.querySelector('.cc-note'),
      strip: element.querySelector('.cc-readout'),
      key: null,
      digest: '',
      wire: null,
      zoom: null,
      preset: '',
      live: null,
      drawn: null,
      wired: false,
    };
    views.add(view);
    return view;
  }

  charts.draw = (view) => {
    const figure = charts.look.dressed(view.wire, view.plot.clientWidth);
    charts.live.apply(view, figure);
    charts.zoom.apply(view, figure);
    view.drawn = figure;
    view.look = charts.look.signature();
    return Plotly.react(view.plot, figure.data, figure.layout, config(view)).then(() => {
      if (!view.wired) wire(view);
      view.plot.dataset.drawn = view.key;
      view.plot.dataset.digest = view.digest;
      charts.readout.show(view, null);
      told(view);
    });
  };

  function told(view) {
    document.dispatchEvent(new CustomEvent('cc:chart', { detail: { id: view.id } }));
  }

  function receive(view, value) {
    view.note.textContent = value.note || '';
    view.note.hidden = !value.note;
    view.plot.setAttribute('role', 'group');
    view.plot.setAttribute('aria-label', value.label);
    const figure = value.steps ? changed(view, value) : value.figure;
    if (figure) {
      adopt(view, value, figure);
      charts.draw(view);
    } else if (!value.steps && view.wire && view.key !== value.key) {
      forget(view);
    }
    view.plot.classList.toggle('cc-dimmed', !figure && !value.steps && view.wire !== null);
    if (!figure) told(view);
  }

  function changed(view, value) {
    if (view.digest === value.base) return charts.delta.applied(view.wire, value.steps);
    if (view.digest !== value.digest) {
      view.digest = '';
      document.dispatchEvent(new CustomEvent('cc:refresh', { detail: { reason: 'chart' } }));
    }
    return null;
  }

  function adopt(view, value, figure) {
    const preset = figure.layout.meta?.preset ?? '';
    if (view.key !== value.key || (preset && preset !== view.preset)) view.zoom = null;
    view.preset = preset;
    if (view.digest !== value.digest) view.live = null;
    Object.assign(view, { key: value.key, digest: value.digest, wire: figure });
  }

  function forget(view) {
    Plotly.purge(view.plot);
    delete view.plot.dataset.drawn;
    delete view.plot.dataset.digest;
    Object.assign(view, { key: null, digest: '', wire: null, zoom: null, preset: '', live: null, drawn: null, wired: false });
    charts.readout.clear(view);
  }

  function wire(view) {
    view.wired = true;
    view.plot.on('plotly_relayout', (changes) => charts.zoom.remember(view, changes));
    view.plot.on('plotly_doubleclick', () => charts.zoom.reset(view));
    view.plot.on('plotly_hover', (event) => charts.readout.show(view, event.points[0]));
    view.plot.on('plotly_unhover', () => charts.readout.show(view, null));
  }

  function config(view) {
    return {
      displaylogo: false,
      showSendToCloud: false,
      plotlyServerURL: '',
      responsive: true,
      scrollZoom: true,
      doubleClick: false,
      displayModeBar: 'hover',
      modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'resetScale2d', 'zoomIn2d', 'zoomOut2d'],
      toImageButtonOptions: { filename: charts.files.nameOf(view), scale: 2 },
    };
  }

  // Theme, palette and time zone are attributes of the page: a chart follows them without asking the server.
  function follow() {
    const now = charts.look.signature();
    charts.each((view) => view.wire && view.look !== now && charts.draw(view));
  }

  const attributes = { attributes: true, attributeFilter: ['class', 'style', 'data-time-zone'] };
  const observer = new MutationObserver(() => requestAnimationFrame(follow));
  observer.observe(document.documentElement, attributes);
  document.addEventListener('cc:preferences', follow);
  const start = () => observer.observe(document.body, attributes);
  if (document.body) start();
  else document.addEventListener('DOMContentLoaded', start);
})();
