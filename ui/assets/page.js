// When does the page refresh? By its timer, its buttons, changed addresses, live events, and when it comes back.
(() => {
  const { candlecast } = window;
  const LINK_DOWN_S = 10;
  const FAILED_S = 3;
  const SETTLE_MS = 400;
  const LIVE_PAUSE_MS = 2500;
  const PAUSED = 'candlecast.paused';
  let refreshedAt = performance.now();
  // another question, or a better chance of an answer
  const ANEW = ['address', 'asked', 'link'];
  let waiting = null;
  let nFailed = 0;
  let linkUp = false;

  const paused = () => window.sessionStorage.getItem(PAUSED) === '1';
  // Where a panel has no answer the page asks soon again, and each time in vain half as often.
  function intervalS() {
    nFailed = document.querySelector('[data-state="failed"]') ? Math.max(nFailed, 1) : 0;
    const wishedS = linkUp ? candlecast.look.refreshS : Math.min(candlecast.look.refreshS, LINK_DOWN_S);
    return nFailed ? Math.min(wishedS, FAILED_S * 2 ** Math.min(nFailed - 1, 10)) : wishedS;
  }

  candlecast.refresh = (reason) => {
    refreshedAt = performance.now();
    nFailed = nFailed && (ANEW.includes(reason) ? 1 : nFailed + 1);
    clearTimeout(waiting);
    waiting = null;
    if (candlecast.pulse) candlecast.pulse(reason);
    showCountdown();
  };

  // Several events of one close make one refresh, and a lively market no more than one in some seconds.
  function soon(reason) {
    if (waiting !== null || document.hidden || paused()) return;
    const sinceMs = performance.now() - refreshedAt;
    waiting = setTimeout(() => candlecast.refresh(reason), Math.max(SETTLE_MS, LIVE_PAUSE_MS - sinceMs));
  }

  candlecast.go = (fields) => {
    const url = new URL(window.location.href);
    for (const [name, value] of Object.entries(fields)) {
      if (value === '') url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    if (url.href === window.location.href) return;
    window.history.replaceState(window.history.state, '', url);
    carry();
    document.dispatchEvent(new CustomEvent('cc:address', { detail: fields }));
    candlecast.refresh('address');
  };

  // The series on show goes along to the other pages.
  function carry() {
    const here = new URL(window.location.href).searchParams;
    for (const link of document.querySelectorAll('.cc-menu a, .cc-brand, a[data-carry]')) {
      const [path, query] = link.getAttribute('href').split('?');
      const fields = new URLSearchParams(query);
      for (const name of ['symbol', 'tf']) {
        if (here.get(name)) fields.set(name, here.get(name));
      }
      const text = fields.toString();
      link.setAttribute('href', path + (text ? '?' + text : ''));
    }
  }
  candlecast.carry = carry;

  candlecast.pause = () => {
    window.sessionStorage.setItem(PAUSED, paused() ? '0' : '1');
    showCountdown();
    if (!paused()) candlecast.refresh('resumed');
  };

  function showCountdown() {
    const text = document.querySelector('[data-countdown]');
    if (!text) return;
    const leftS = Math.max(0, Math.ceil(intervalS() - (performance.now() - refreshedAt) / 1000));
    const said = Math.floor(leftS / 60) + ':' + String(leftS % 60).padStart(2, '0');
    const shown = paused() ? 'paused' : said;
    if (text.textContent !== shown) text.textContent = shown;
    document.querySelector('[data-pause]')?.setAttribute('aria-pressed', String(paused()));
  }

  setInterval(() => {
    const dueMs = 1000 * intervalS();
    if (!paused() && !document.hidden && performance.now() - refreshedAt >= dueMs) candlecast.refresh('timer');
    else showCountdown();
  }, 500);

  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const going = target?.closest('[data-go]');
    if (going) candlecast.go(Object.fromEntries(new URLSearchParams(going.dataset.go)));
    else if (target?.closest('[data-retry]')) candlecast.refresh('asked');
    else if (target?.closest('[data-pause]')) candlecast.pause();
  });
  document.addEventListener('change', (event) => {
    const field = event.target instanceof Element ? event.target.closest('[data-go-name]') : null;
    if (field) candlecast.go({ [field.dataset.goName]: field.type === 'checkbox' ? (field.checked ? '1' : '') : field.value });
  });
  document.addEventListener('cc:refresh', (event) => candlecast.refresh(event.detail?.reason || 'asked'));
  document.addEventListener('cc:link', (event) => {
    const came = event.detail.up && !linkUp;
    linkUp = event.detail.up;
    if (event.detail.changed) candlecast.refresh('link');
    // what happened between the first answers and the first word of the stream
    else if (came) soon('link');
  });
  for (const kind of ['candle', 'forecast', 'news', 'alert', 'drift', 'gap']) {
    document.addEventListener('cc:' + kind, () => {
      const hears = document.querySelector('[data-hears]')?.dataset.hears.split(' ') || [];
      if (hears.includes(kind) || kind === 'gap') soon(kind);
    });
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && !paused() && performance.now() - refreshedAt > 1000 * LINK_DOWN_S) candlecast.refresh('seen');
  });
})();
