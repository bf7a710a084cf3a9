// Figures name colours of the theme, var(--cc-up) or var(--cc-up / 0.3), and times in UTC: resolved here.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.look) return;
  const TOKEN = /^var\((--[a-z-]+)(?: \/ ([\d.]+))?\)$/;
  const HOUR = /^hm\((.+)\)$/;
  const NAMES = ['up', 'down', 'accent', 'warn', 'violet', 'ink', 'dim', 'line', 'grid', 'solid', 'bg'];
  const PHONE_PX = 600;
  let probe = null;

  function rgb(css) {
    if (!probe) {
      probe = document.createElement('i');
      probe.hidden = true;
      document.body.append(probe);
    }
    probe.style.color = '';
    probe.style.color = css;
    const parts = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
    return parts.length > 3 ? parts : [...parts, 1];
  }

  function colour(name, opacity, known) {
    const token = name + (opacity ?? '');
    if (!known.has(token)) {
      const css = getComputedStyle(document.body).getPropertyValue(name).trim() || 'gray';
      const [red, green, blue, alpha] = rgb(css);
      known.set(token, `rgba(${red},${green},${blue},${opacity === undefined ? alpha : Number(opacity)})`);
    }
    return known.get(token);
  }

  function text(value, known) {
    const token = TOKEN.exec(value);
    if (token) return colour(token[1], token[2], known);
    if (charts.times.isMoment(value)) return charts.times.local(value);
    const hour = HOUR.exec(value);
    return hour ? charts.times.local(hour[1]).slice(11, 16) : value;
  }

  function resolved(tree, known) {
    if (typeof tree === 'string') return text(tree, known);
    if (Array.isArray(tree)) {
      const plain = tree.length > 2 && typeof tree.find((item) => item !== null) === 'number';
      return plain ? tree : tree.map((item) => resolved(item, known));
    }
    if (tree === null || typeof tree !== 'object') return tree;
    return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, resolved(value, known)]));
  }

  // Lists that traces share come once, colours of many bars as places in a palette.
  function traces(data, known) {
    const found = data.map((trace) => resolved(trace, known));
    for (const trace of found) {
      if (trace.x && trace.x.like !== undefined) trace.x = found[trace.x.like].x;
      const palette = trace.marker?.palette;
      if (!palette) continue;
      trace.marker.color = trace.marker.color.map((place) => palette[place]);
      delete trace.marker.palette;
    }
    return found;
  }

  const AXIS = { gridcolor: 'var(--cc-grid)', zerolinecolor: 'var(--cc-line)', linecolor: 'var(--cc-line)' };
  const SPIKE = { spikecolor: 'var(--cc-dim)', spikethickness: 1, spikedash: 'dot' };
  const BASE = {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: 'var(--cc-dim)', size: 11, family: 'Inter, system-ui, sans-serif' },
    hoverlabel: { bgcolor: 'var(--cc-solid)', bordercolor: 'var(--cc-line)', font: { color: 'var(--cc-ink)' }, align: 'left' },
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: 'var(--cc-dim)', activecolor: 'var(--cc-ink)' },
    margin: { l: 6, r: 66, t: 20, b: 44 },
  };

  function layout(given, known, width) {
    const found = { ...BASE, ...given, font: { ...BASE.font, ...given.font } };
    for (const name of Object.keys(found).filter((one) => /^[xy]axis\d*$/.test(one))) {
      found[name] = { ...AXIS, ...SPIKE, ...found[name] };
      if (width < PHONE_PX && found[name].nticks) found[name].nticks = Math.min(5, found[name].nticks);
    }
    return resolved(found, known);
  }

  charts.look = {
    dressed(figure, width) {
      const known = new Map();
      return { data: traces(figure.data, known), layout: layout(figure.layout, known, width) };
    },
    signature() {
      const style = getComputedStyle(document.body);
      return NAMES.map((name) => style.getPropertyValue('--cc-' + name)).join('|') + charts.times.zone();
    },
    colour: (name) => colour('--cc-' + name, undefined, new Map()),
  };
})();
