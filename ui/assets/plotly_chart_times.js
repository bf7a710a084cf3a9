// Times in figures are UTC texts; drawn ones are texts of the reader's time zone, which Plotly shows as they are.
(() => {
  const charts = (window.candlecastCharts ??= {});
  if (charts.times) return;
  const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
  const DAY_MS = 86400000;
  const formats = new Map();
  const offsets = new Map();

  const utcMs = (text) => Date.parse(text.replace(' ', 'T') + 'Z');
  const textOf = (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

  function formatOf(zone) {
    if (!formats.has(zone)) {
      const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' };
      const options = { ...fields, hourCycle: 'h23', timeZone: zone || undefined };
      formats.set(zone, new Intl.DateTimeFormat('en-US', options));
    }
    return formats.get(zone);
  }

  function measured(zone, ms) {
    const part = {};
    for (const { type, value } of formatOf(zone).formatToParts(ms)) part[type] = Number(value);
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - Math.floor(ms / 1000) * 1000;
  }

  // Two looks a day are enough, but for the days on which clocks are changed.
  function offsetMs(zone, ms) {
    if (zone === 'UTC') return 0;
    const day = Math.floor(ms / DAY_MS);
    const name = zone + day;
    if (!offsets.has(name)) {
      const [first, last] = [measured(zone, day * DAY_MS), measured(zone, (day + 1) * DAY_MS)];
      offsets.set(name, first === last ? first : null);
    }
    return offsets.get(name) ?? measured(zone, ms);
  }

  function zone() {
    return document.body.dataset.timeZone ?? 'UTC';
  }

  function local(text, name = zone()) {
    const ms = utcMs(text);
    return textOf(ms + offsetMs(name, ms));
  }

  // The way back, for ranges that a reader has zoomed to; days without a time stay days.
  function utc(text, name = zone()) {
    const wall = utcMs(String(text).slice(0, 19).padEnd(19, ' 00:00:00'.slice(String(text).length - 10)));
    const guess = wall - offsetMs(name, wall);
    return textOf(wall - offsetMs(name, guess));
  }

  charts.times = { zone, local, utc, utcMs, isMoment: (text) => MOMENT.test(text) };
})();
