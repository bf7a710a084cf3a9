// The steps from the figure that a tab shows to the next one; the twin of ui/chart/delta.py.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.delta) return;

  function slid(old, [dropped, kept, tail, changes]) {
    const found = old.slice(dropped, dropped + kept).concat(tail);
    for (const [place, value] of Object.entries(changes)) found[Number(place)] = value;
    return found;
  }

  // Copies what lies on the way to a change; everything else stays shared with the old figure.
  function stepped(tree, path, kind, rest) {
    if (path.length === 0) return kind === 'set' ? rest[0] : slid(tree, rest);
    const [name, ...further] = path;
    const copy = Array.isArray(tree) ? tree.slice() : { ...tree };
    if (kind === 'del' && further.length === 0) delete copy[name];
    else copy[name] = stepped(tree[name], further, kind, rest);
    return copy;
  }

  charts.delta = {
    applied(old, steps) {
      return steps.reduce((tree, [path, kind, ...rest]) => stepped(tree, path, kind, rest), old);
    },
  };
})();
