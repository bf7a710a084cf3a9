// A panel: its new content, or its old one, dimmed and with its age, while asking for a new one fails.
(() => {
  const { candlecast } = window;

  candlecast.parts.panel = (element, trigger, props, watch) => {
    const strip = element.querySelector('.cc-strip');
    const body = element.querySelector('.cc-body');
    let about = null;
    let goodAt = null;
    let since = props.at;

    function read(html) {
      const holder = document.createElement('template');
      holder.innerHTML = html;
      const state = holder.content.firstElementChild?.dataset.state;
      return { html, state: state || 'filled', about: holder.content.firstElementChild?.dataset.about || '' };
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

    function put(html) {
      const focused = body.contains(document.activeElement) ? document.activeElement : null;
      const place = focused && (focused.id ? '#' + CSS.escape(focused.id) : focused.dataset.go ? `[data-go="${CSS.escape(focused.dataset.go)}"]` : null);
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
      if (!props.value) return;
      const next = read(props.value);
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

    element.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest('[data-ask]') : null;
      if (button) trigger('select', { value: button.dataset.ask });
    });
    watch('value', show);
    show();
  };
})();
