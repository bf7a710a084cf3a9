// Ages, countdowns, times of the reader's zone and the market clock, between refreshes.
(() => {
  const DAY_S = 86400;
  const { candlecast } = window;
  let sampled = null;
  let rate = 1;
  let onLive = false;

  function words(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, '0');
    if (s < 60) return s + ' s';
    if (s < 3600) return Math.floor(s / 60) + ' min';
    if (s < DAY_S) return Math.floor(s / 3600) + ' h ' + two(Math.floor((s % 3600) / 60)) + ' min';
    return Math.floor(s / DAY_S) + ' d ' + Math.floor((s % DAY_S) / 3600) + ' h';
  }

  // A recorded market may run faster than the wall, or stand still: its speed is learnt from two samples.
  function sample(market, live) {
    const wall = performance.now();
    onLive = live ?? onLive;
    if (sampled !== null && sampled.market === market) return;
    if (onLive) rate = 1;
    else if (sampled !== null && wall - sampled.wall > 2000) {
      rate = Math.min(DAY_S, Math.max(0, (market - sampled.market) / (wall - sampled.wall)));
    }
    sampled = { market, wall };
  }

  function format(when, options) {
    // months have three letters wherever they are written
    const written = (timeZone) => new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options }).format(when).replace('Sept', 'Sep');
    try {
      return written(candlecast.timeZone());
    } catch {
      return written('UTC');
    }
  }

  function zoneName(when) {
    const zone = candlecast.timeZone();
    if (zone === 'UTC') return 'UTC';
    return format(when, { timeZoneName: 'short', hour: 'numeric' }).replace(/^.*\d\s*/, '');
  }

  const DAY = { day: 'numeric', month: 'short', year: 'numeric' };
  const MINUTE = { hour: '2-digit', minute: '2-digit' };

  function time(value) {
    const when = new Date(value);
    if (Number.isNaN(when.getTime())) return String(value);
    return format(when, DAY) + ' ' + format(when, MINUTE) + ' ' + zoneName(when);
  }

  function set(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function writeTimes() {
    const zone = candlecast.timeZone();
    for (const el of document.querySelectorAll('time.cc-time')) {
      if (el.dataset.zone === zone) continue;
      el.dataset.zone = zone;
      set(el, time(el.dateTime));
    }
  }

  function tick() {
    const clock = document.querySelector('[data-market-ms]');
    if (clock) sample(Number(clock.dataset.marketMs), clock.dataset.live === 'true');
    writeTimes();
    if (sampled === null) return;
    const now = sampled.market + rate * (performance.now() - sampled.wall);
    const shown = document.getElementById('cc-clock');
    if (shown && clock) {
      const when = new Date(now);
      const seconds = format(when, { ...MINUTE, second: '2-digit' });
      set(clock, format(when, { day: 'numeric', month: 'short' }) + ' ' + seconds + ' ' + zoneName(when));
      shown.title = 'Market time, ' + time(now);
    }
    for (const el of document.querySelectorAll('[data-since-ms]')) {
      set(el, words((now - Number(el.dataset.sinceMs)) / 1000));
    }
    for (const el of document.querySelectorAll('[data-until-ms]')) {
      const left = (Number(el.dataset.untilMs) - now) / 1000;
      set(el, left > 0 ? 'in ' + words(left) : 'now');
    }
    for (const el of document.querySelectorAll('[data-wall-since-ms]')) {
      set(el, words((performance.now() - Number(el.dataset.wallSinceMs)) / 1000));
    }
  }

  candlecast.formatTime = time;
  candlecast.waitWords = words;
  candlecast.sampleMarket = sample;
  candlecast.marketMs = () => (sampled === null ? null : sampled.market + rate * (performance.now() - sampled.wall));
  candlecast.tick = tick;
  document.addEventListener('cc:preferences', tick);
  setInterval(tick, 500);
})();
