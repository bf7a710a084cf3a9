// One stream of live events a visible tab: what comes becomes DOM events, and prices are written where they stand.
(() => {
  const { candlecast } = window;
  const KINDS = ['price', 'candle', 'forecast', 'news', 'alert', 'drift', 'gap'];
  const SILENCE_MS = 7000;
  const HIDDEN_MS = 20000;
  const AGAIN_MS = 250;
  const LONGEST_PAUSE_MS = 4000;
  let source = null;
  let heardAt = 0;
  let failures = 0;
  let retry = null;
  let lastId = '';
  // `up` is null until it is known
  let state = { up: null, api: null, failing: '' };
  let hiding = null;

  function tell(kind, detail) {
    document.dispatchEvent(new CustomEvent('cc:' + kind, { detail }));
  }

  function link(up, api, failing) {
    const next = { up, api, failing };
    const changed = state.api !== null && JSON.stringify(next) !== JSON.stringify(state);
    const first = state.api === null;
    state = next;
    showLink();
    if (changed || first) tell('link', { ...next, changed });
  }

  function showLink() {
    document.documentElement.dataset.link = state.up === null ? 'waiting' : state.up ? 'up' : 'down';
    const mark = document.getElementById('cc-link');
    if (mark) mark.hidden = state.up !== false;
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  // A connection that ends and is there again at once was never gone.
  function ended() {
    failures += 1;
    if (failures > 1) lost();
    else again(AGAIN_MS);
  }

  function lost() {
    link(false, false, '');
    again(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** Math.min(failures, 5)));
  }

  function again(pauseMs) {
    close();
    retry = setTimeout(open, pauseMs);
  }

  // A browser gives up on an answer that is no stream, so each new try is a new source with its own pause.
  function open() {
    close();
    if (document.hidden) return;
    heardAt = performance.now();
    source = new EventSource('live/stream' + (lastId ? '?after=' + encodeURIComponent(lastId) : ''));
    source.onerror = ended;
    source.addEventListener('link', (event) => {
      heardAt = performance.now();
      failures = 0;
      const told = JSON.parse(event.data);
      link(told.stream, told.api, told.failing.join(','));
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        heardAt = performance.now();
        lastId = event.lastEventId || lastId;
        const data = JSON.parse(event.data);
        if (kind === 'price') write(data);
        tell(kind, data);
      });
    }
    source.addEventListener('heartbeat', (event) => {
      const told = JSON.parse(event.data);
      candlecast.sampleMarket(Date.parse(told.market_time));
    });
  }

  candlecast.formatPrice = (value) => {
    const size = Math.abs(value);
    if (size >= 10) return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    return size >= 1 ? value.toFixed(4) : String(Number(value.toPrecision(4)));
  };

  function write(data) {
    for (const element of document.querySelectorAll('[data-price-symbol]')) {
      if (element.dataset.priceSymbol !== data.symbol) continue;
      const text = candlecast.formatPrice(Number(data.price));
      if (element.textContent !== text) element.textContent = text;
    }
    for (const element of document.querySelectorAll('[data-change-symbol]')) {
      if (element.dataset.changeSymbol === data.symbol) writeChange(element, Number(data.price));
    }
  }

  // `data-base` is the price that the change is measured from
  function writeChange(element, price) {
    const base = Number(element.dataset.base);
    if (!(base > 0)) return;
    const pct = 100 * (price / base - 1);
    const sign = pct > 0.005 ? '+' : pct < -0.005 ? '\u2212' : '';
    element.textContent = sign + Math.abs(pct).toFixed(2) + ' %';
    element.classList.toggle('cc-up', sign === '+');
    element.classList.toggle('cc-down', sign === '\u2212');
  }

  setInterval(() => {
    if (source && performance.now() - heardAt > SILENCE_MS) lost();
  }, 1000);
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    // a browser has few connections to one server: tabs that nobody sees hold none
    if (document.hidden) hiding = setTimeout(close, HIDDEN_MS);
    else if (!source) open();
  });
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', (event) => event.persisted && open());
  document.addEventListener('DOMContentLoaded', open);
  candlecast.showLink = showLink;
  candlecast.live = () => ({ ...state, connected: source !== null });
})();
