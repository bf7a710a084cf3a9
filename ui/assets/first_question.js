// Before anything else is loaded: the first question of a page, and the start of Gradio once its answer is painted.
(() => {
  const { candlecast } = window;
  const LONGEST_MS = 6000;
  let begun = false;

  candlecast.ask = (page, known) => {
    const body = JSON.stringify({ kept: candlecast.look.kept, ...known });
    candlecast.asked = fetch('first/' + page + window.location.search, { method: 'POST', body }).then((answer) => {
      if (!answer.ok) throw new Error('HTTP ' + answer.status);
      return answer.json();
    });
    candlecast.asked.catch(() => {});
    return candlecast.asked;
  };

  candlecast.begin = () => {
    const waiting = document.querySelector('link[data-gradio]');
    if (begun || !waiting) return;
    begun = true;
    const script = document.createElement('script');
    script.type = 'module';
    script.crossOrigin = waiting.crossOrigin;
    script.src = waiting.href;
    document.head.append(script);
  };
  // whatever goes wrong with the first view, the page itself comes
  setTimeout(candlecast.begin, LONGEST_MS);
})();
