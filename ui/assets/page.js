(() => {
  const DAY_S = 86400;
  let first = null;
  let rate = 1;

  function words(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, '0');
    if (s < 60) return s + ' s';
    if (s < 3600) return Math.floor(s / 60) + ' min';
    if (s < DAY_S) return Math.floor(s / 3600) + ' h ' + two(Math.floor((s % 3600) / 60)) + ' min';
    return Math.floor(s / DAY_S) + ' d ' + Math.floor((s % DAY_S) / 3600) + ' h';
  }

  // A recorded market may run faster than the wall, or stand still: its speed is learnt from two samples.
  function sample(clock) {
    const market = Number(clock.dataset.marketMs);
    const wall = performance.now();
    if (first !== null && first.market === market && first.element === clock) return;
    if (clock.dataset.live === 'true') rate = 1;
    else if (first !== null && wall - first.wall > 2000) {
      rate = Math.min(DAY_S, Math.max(0, (market - first.market) / (wall - first.wall)));
    }
    first = { market, wall, element: clock };
  }

  function watchClock() {
    const clock = document.querySelector('[data-market-ms]');
    if (clock) sample(clock);
  }

  function tick() {
    const clock = document.querySelector('[data-market-ms]');
    if (first === null) return;
    const now = first.market + rate * (performance.now() - first.wall);
    if (clock) clock.textContent = new Date(now).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
    for (const el of document.querySelectorAll('[data-since-ms]')) {
      el.textContent = words((now - Number(el.dataset.sinceMs)) / 1000);
    }
    for (const el of document.querySelectorAll('[data-until-ms]')) {
      const left = (Number(el.dataset.untilMs) - now) / 1000;
      el.textContent = left > 0 ? 'in ' + words(left) : 'now due';
    }
  }

  // The page has one look, the dark one, whatever the browser prefers.
  function keepDark() {
    if (!document.body.classList.contains('dark')) document.body.classList.add('dark');
  }

  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, textarea')) return;
    event.preventDefault();
    document.querySelector('#cc-symbol input')?.focus();
  });
  new MutationObserver(keepDark).observe(document.body, { attributes: true, attributeFilter: ['class'] });
  keepDark();
  setInterval(watchClock, 100);
  setInterval(tick, 1000);
})();
