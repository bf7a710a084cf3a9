// The header stays; only badge, age, clock and the symbols to search are written anew.
(() => {
  const { candlecast } = window;

  candlecast.parts.header = (element, trigger, props, watch) => {
    const pills = element.querySelector('.cc-pills');
    const clock = element.querySelector('.cc-clock');
    const symbols = element.querySelector('datalist');
    const search = element.querySelector('input[type="search"]');
    let known = '';

    function show() {
      const value = props.value ? JSON.parse(props.value) : {};
      if (value.pills) showPills(value.pills);
      if (value.clock) clock.innerHTML = value.clock;
      if (value.symbols && JSON.stringify(value.symbols) !== known) {
        known = JSON.stringify(value.symbols);
        symbols.replaceChildren(...value.symbols.map(([name, label]) => new Option(label, name)));
      }
      if (value.look && candlecast.keepLook(value.look) && value.kept) candlecast.refresh('preferences');
      candlecast.tick();
      candlecast.showLink();
    }

    // Without an answer there is no new age: the old one goes on counting.
    function showPills(html) {
      const age = pills.querySelector('#cc-age');
      pills.innerHTML = html;
      if (age && !pills.querySelector('#cc-age')) {
        age.classList.add('cc-warn');
        pills.append(age);
      }
    }

    search.addEventListener('input', () => {
      const wanted = search.value.trim().toUpperCase();
      if (![...symbols.options].some((option) => option.value.toUpperCase() === wanted)) return;
      pick(wanted);
    });
    search.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') search.blur();
      if (event.key !== 'Enter') return;
      const wanted = search.value.trim().toUpperCase();
      const names = [...symbols.options].map((option) => option.value);
      const found = names.find((name) => name.toUpperCase().startsWith(wanted)) || names.find((name) => name.includes(wanted));
      if (wanted && found) pick(found);
    });

    function pick(symbol) {
      search.value = '';
      search.blur();
      const onSeries = element.querySelector('[aria-current="page"]')?.matches('[data-page="d"], [data-page="c"]');
      if (onSeries) candlecast.go({ symbol });
      else window.location.assign('./?symbol=' + encodeURIComponent(symbol));
    }

    candlecast.gradioPulse = (reason) => trigger('select', { value: reason });
    candlecast.carry();
    watch('value', show);
    show();
  };
})();
