// The form for a reader's own key: in this tab (sessionStorage), or in the browser where the reader asks for it.
const form = element.querySelector('.cc-key');
const name = form.dataset.storage;
const box = form.querySelector('input[type="password"]');
const keep = form.querySelector('input[type="checkbox"]');
const state = form.querySelector('.cc-key-state');

function say() {
  const where = localStorage.getItem(name) ? 'in this browser' : sessionStorage.getItem(name) ? 'in this tab' : 'none';
  state.textContent = where;
}

function store() {
  const key = box.value.trim();
  sessionStorage.removeItem(name);
  localStorage.removeItem(name);
  if (key) (keep.checked ? localStorage : sessionStorage).setItem(name, key);
  say();
  window.candlecast?.refresh('key');
}

box.value = localStorage.getItem(name) || sessionStorage.getItem(name) || '';
keep.checked = localStorage.getItem(name) !== null;
say();
box.addEventListener('change', store);
keep.addEventListener('change', store);
form.querySelector('[data-forget-key]').addEventListener('click', () => {
  box.value = '';
  keep.checked = false;
  store();
});
