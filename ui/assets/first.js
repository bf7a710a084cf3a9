// The page before Gradio has started: the same panels, filled and alive, until Gradio's own take their place.
(() => {
  const { candlecast } = window;
  const root = document.getElementById('cc-first');
  if (!root) return;
  const gradio = document.querySelector('gradio-app');
  const cells = new Map();
  const GOOD_FOR_MS = 10000;
  const FAILED = '<div data-state="failed"';
  const absent = new Map();
  const expected = new Set();
  let number = 0;
  let answered = null;
  let left = false;
  let missed = false;

  function cellOf(element) {
    return { element, part: element.dataset.part, props: { value: '' }, good: null, hearers: [], alive: false };
  }

  function wake(id, cell) {
    if (cell.alive) return cell.hearers.forEach((hear) => hear());
    cell.alive = true;
    const trigger = (kind, { value }) => ask(value);
    candlecast.parts[cell.part](cell.element, trigger, cell.props, (name, hear) => cell.hearers.push(hear), id);
  }

  function fill(values) {
    for (const [id, value] of Object.entries(values)) {
      const cell = cells.get(id);
      if (!cell) continue;
      cell.props.value = value;
      if (!value.startsWith(FAILED)) cell.good = { value, at: performance.now() };
      wake(id, cell);
    }
  }

  async function take(answer, asked) {
    const address = window.location.search;
    try {
      const values = await answer;
      if (left || asked !== number) return;
      fill(values);
      answered = { address, at: performance.now() };
    } catch {
      // Gradio's own panels will say what is wrong
      candlecast.begin();
    }
  }

  function ask() {
    missed = left;
    if (left) return;
    number += 1;
    answered = null;
    const shown = root.querySelector('[data-series]')?.dataset.series ?? '';
    take(candlecast.ask(root.dataset.page, { shown, held: window.candlecastCharts.held('cc-chart') }), number);
  }

  // No element may be there twice: until it takes over, Gradio's page is hidden and its elements have no names.
  function hideNames() {
    for (const element of gradio.querySelectorAll('[id^="cc-"]')) {
      absent.set(element.id, element);
      element.removeAttribute('id');
    }
  }

  function swap() {
    if (left) return;
    left = true;
    observer.disconnect();
    hideNames();
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    for (const id of cells.keys()) window.candlecastCharts.move(id, absent.get(id));
    root.remove();
    for (const [id, element] of absent) element.id = id;
    if (focused?.id) {
      const same = document.getElementById(focused.id);
      if (same && 'value' in focused) same.value = focused.value;
      same?.focus({ preventScroll: true });
    }
    candlecast.tick();
    candlecast.showLink();
  }

  // Gradio is ready: is what it was given still what it would be told?
  function leave() {
    swap();
    const lost = [...cells.values()].some((cell) => cell.props.value.startsWith(FAILED));
    return !missed && !lost && answered?.address === window.location.search && performance.now() - answered.at < GOOD_FOR_MS;
  }

  const observer = new MutationObserver(hideNames);
  observer.observe(gradio, { childList: true, subtree: true });
  for (const element of root.querySelectorAll('[data-part]')) {
    const id = element.dataset.mount;
    cells.set(id, cellOf(element));
    expected.add(id);
    if (element.dataset.part !== 'chart') wake(id, cells.get(id));
  }
  candlecast.pulse = ask;
  candlecast.first = {
    // a panel keeps its last content while asking fails: that, and when it came, is what its heir must know
    told(id) {
      const cell = left ? undefined : cells.get(id);
      return cell?.good ?? { value: cell?.props.value || undefined };
    },
    arrived(id) {
      expected.delete(id);
      if (expected.size === 0) swap();
    },
    leave,
  };
  take(candlecast.asked, number);
  // painted: now the rest of the page may take the processor
  const painted = () => requestAnimationFrame(() => setTimeout(candlecast.begin));
  document.addEventListener('cc:chart', painted, { once: true });
})();
