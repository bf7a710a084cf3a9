// Theme, colours, time zone and refresh interval of this reader, applied before anything is painted.
(() => {
  const KEY = 'candlecast.look';
  const START = { theme: 'system', colours: null, timeZone: 'UTC', refreshS: 300, revision: 0 };
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const candlecast = (window.candlecast = { look: { ...START } });

  function stored() {
    try {
      return JSON.parse(window.localStorage.getItem(KEY)) || {};
    } catch {
      return {};
    }
  }

  function isDark() {
    const theme = candlecast.look.theme;
    return theme === 'system' ? system.matches : theme === 'dark';
  }

  function paint() {
    const dark = isDark();
    for (const element of [document.documentElement, document.body]) {
      if (element && element.classList.contains('dark') !== dark) element.classList.toggle('dark', dark);
    }
    if (!document.body) return;
    const { colours, timeZone } = candlecast.look;
    document.body.dataset.timeZone = timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (colours) {
      document.body.style.setProperty('--cc-up', dark ? colours.up : colours.upLight);
      document.body.style.setProperty('--cc-down', dark ? colours.down : colours.downLight);
    }
  }

  function take(look) {
    const before = JSON.stringify(candlecast.look);
    candlecast.look = { ...START, ...look };
    paint();
    if (before === JSON.stringify(candlecast.look)) return false;
    document.dispatchEvent(new CustomEvent('cc:preferences', { detail: candlecast.look }));
    return true;
  }

  // What the server says is kept for the next page and for the other tabs, which hear of it as `storage`.
  candlecast.keepLook = (look) => {
    // a tab that did not hear of a newer version must not undo it
    if ((look.revision || 0) < candlecast.look.revision) return false;
    try {
      window.localStorage.setItem(KEY, JSON.stringify(look));
    } catch {
      // a browser that keeps nothing still shows this page
    }
    return take(look);
  };
  candlecast.timeZone = () => document.body.dataset.timeZone || 'UTC';

  window.addEventListener('storage', (event) => {
    if (event.key === KEY && take(stored())) {
      document.dispatchEvent(new CustomEvent('cc:refresh', { detail: { reason: 'preferences' } }));
    }
  });
  system.addEventListener('change', () => {
    paint();
    document.dispatchEvent(new CustomEvent('cc:preferences', { detail: candlecast.look }));
  });
  take(stored());
  paint();
  document.addEventListener('DOMContentLoaded', () => {
    paint();
    // Gradio follows the system by itself
    new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ['class'] });
  });
})();
