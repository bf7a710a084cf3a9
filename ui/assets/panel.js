// A panel: its new content, or its old one, dimmed and with its age, while asking for a new one fails.
(() => {
  const { candlecast } = window;
  // a tap becomes a click a little after the finger is gone
  const CLICK_MS = 50;
  const AGAIN_MS = 500;

  candlecast.parts.panel = (element, trigger, props, watch) => {
    const strip = element.querySelector('.cc-strip');
    const body = element.querySelector('.cc-body');
    let about = null;
    let goodAt = null;
    let since = props.at;
    let pressed = false;
    let came = false;
    // the turn that a click has begun; undefined where the panel's values have none
    let turn;
    let awaited = 0;

    function read(html) {
      const holder = document.createElement('template');
      holder.innerHTML = html;
      const state = holder.content.firstElementChild?.dataset.state;
      const given = holder.content.firstElementChild?.dataset.turn;
      return { html, state: state || 'filled', about: holder.content.firstElementChild?.dataset.about || '', turn: given && Number(given) };
    }

    function reason(html) {
      const holder = document.createElement('template');
      holder.innerHTML = html;
      const error = holder.content.querySelector('.cc-error');
      return [error?.querySelector('b')?.textContent, error?.querySelector('p')?.textContent];
    }

    function keepOld(html) {
      const [title, detail] = reason(html);
      strip.innerHTML = '<b></b> <span class="cc-strip-age">as of <span></span> ago</span> <button type="button" class="cc-button" data-retry>Try again</button>';
      strip.querySelector('b').textContent = title || 'No answer';
      strip.querySelector('.cc-strip-age span').dataset.wallSinceMs = String(goodAt);
      strip.title = detail || '';
      strip.hidden = false;
      body.classList.add('cc-stale');
      candlecast.tick();
    }

    function placeOf(focused) {
      if (focused.id) return '#' + CSS.escape(focused.id);
      const kind = ['go', 'ask'].find((name) => name in focused.dataset);
      return kind ? `[data-${kind}="${CSS.escape(focused.dataset[kind])}"]` : null;
    }

    function put(html) {
      const focused = body.contains(document.activeElement) ? document.activeElement : null;
      const place = focused && placeOf(focused);
      const scrolled = [...body.querySelectorAll('[data-scroll]')].map((el) => [el.dataset.scroll, el.scrollTop, el.scrollLeft]);
      body.innerHTML = html;
      for (const [name, top, left] of scrolled) {
        const box = body.querySelector(`[data-scroll="${CSS.escape(name)}"]`);
        if (box) [box.scrollTop, box.scrollLeft] = [top, left];
      }
      if (body.querySelector('[data-carry]')) candlecast.carry();
      if (place) body.querySelector(place)?.focus({ preventScroll: true });
    }

    function show() {
      came = pressed;
      if (!props.value || pressed) return;
      const next = read(props.value);
      // asked for before the answer to a click came, which it would undo
      if (next.turn < turn) return;
      turn = element.ccTurn = next.turn;
      if (turn < awaited) lookAgain();
      element.dataset.state = next.state;
      if (next.state === 'failed' && goodAt !== null && next.about === about) {
        keepOld(next.html);
        return;
      }
      strip.hidden = true;
      body.classList.remove('cc-stale');
      if (body.dataset.shown !== undefined && element.ccShown === next.html && next.state !== 'failed') {
        goodAt = performance.now();
        return;
      }
      put(next.html);
      body.dataset.shown = '';
      element.ccShown = next.html;
      about = next.about;
      goodAt = next.state === 'failed' ? null : (since ?? performance.now());
      since = undefined;
      candlecast.tick();
    }

    // Of two values that come at once only the last one is seen: it may stand where the answer to a click should.
    function lookAgain() {
      setTimeout(() => {
        const missing = turn < awaited;
        awaited = 0;
        if (missing) candlecast.refresh('asked');
      }, AGAIN_MS);
    }

    // What is pressed must still be there when it is let go, or the click is lost: until then a new content waits.
    element.addEventListener('pointerdown', () => {
      const over = new AbortController();
      const release = () => {
        over.abort();
        setTimeout(() => {
          pressed = false;
          if (came) show();
        }, CLICK_MS);
      };
      pressed = true;
      for (const kind of ['pointerup', 'pointercancel']) window.addEventListener(kind, release, { signal: over.signal });
    });
    element.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest('[data-ask]') : null;
      if (!button) return;
      if (turn !== undefined) awaited = turn + 1;
      trigger('select', { value: button.dataset.ask });
    });
    watch('value', show);
    show();
  };
})();
