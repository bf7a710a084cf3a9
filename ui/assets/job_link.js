// Which job does this tab watch? Its id goes into the address and is kept by the tab, so that it survives a reload.
const JOB = 'candlecast.job';

function follow() {
  const told = props.value ? JSON.parse(props.value) : {};
  if (told.job) {
    sessionStorage.setItem(JOB, told.job);
    window.candlecast.go({ job: told.job });
  }
  if (told.ended) window.candlecast.refresh('job');
}

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || !event.target.closest('[data-forget-job]')) return;
  sessionStorage.removeItem(JOB);
  window.candlecast.go({ job: '' });
  window.candlecast.refresh('job');
});
watch('value', follow);
