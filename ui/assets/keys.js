// Keys: / search, 1 d 4 timeframe, r refresh, p pause, ? help, g and a letter for the pages.
(() => {
  const { candlecast } = window;
  const TIMEFRAMES = { 1: '1h', 4: '4h', d: '1d' };
  const HELP = [
    ['/', 'Search a symbol'],
    ['1 · 4 · d', 'Timeframe 1 hour, 4 hours, 1 day'],
    ['r', 'Refresh now'],
    ['p', 'Pause or resume refreshing'],
    ['g then d c n t m s', 'Dashboard, Charts, News, Track record, Models, Settings'],
    ['?', 'This help'],
  ];
  let goingUntil = 0;

  function typing(target) {
    return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
  }

  function help() {
    const open = document.getElementById('cc-help');
    if (open) {
      open.close();
      return;
    }
    const dialog = document.createElement('dialog');
    dialog.id = 'cc-help';
    dialog.setAttribute('aria-labelledby', 'cc-help-title');
    dialog.innerHTML = '<h2 id="cc-help-title">Keys</h2><dl></dl><button type="button" class="cc-button">Close</button>';
    for (const [keys, meaning] of HELP) {
      const [term, told] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = keys;
      told.textContent = meaning;
      dialog.querySelector('dl').append(term, told);
    }
    dialog.querySelector('button').addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function act(key) {
    if (performance.now() < goingUntil) {
      goingUntil = 0;
      document.querySelector(`.cc-menu [data-page="${CSS.escape(key)}"]`)?.click();
    } else if (key === 'g') goingUntil = performance.now() + 1500;
    else if (key === '/') document.getElementById('cc-search')?.focus();
    else if (key === 'r') candlecast.refresh('asked');
    else if (key === 'p') candlecast.pause();
    else if (key === '?') help();
    else if (TIMEFRAMES[key]) candlecast.go({ tf: TIMEFRAMES[key] });
    else return false;
    return true;
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (act(event.key)) event.preventDefault();
  });
})();
