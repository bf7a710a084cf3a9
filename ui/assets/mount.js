// What brings each element of the page to life: called by Gradio once it is there, by the first view before that.
(() => {
  const { candlecast } = window;
  const parts = (candlecast.parts = {});

  // What the first view was told stands in for the value with which Gradio's own element begins.
  candlecast.mount = (part, id, element, trigger, props, watch) => {
    const [{ value: told, at } = {}, empty] = [candlecast.first?.told(id), props.value];
    const own = { at, get value() { return told !== undefined && props.value === empty ? told : props.value; } };
    parts[part](element, trigger, own, watch, id);
    candlecast.first?.arrived(id);
  };

  // Gradio is ready to be asked.
  candlecast.started = () => {
    const known = candlecast.first?.leave() ?? false;
    candlecast.pulse = candlecast.gradioPulse;
    if (!known) candlecast.refresh('load');
  };

  parts.html = (element, trigger, props, watch) => {
    const show = () => {
      if (element.ccShown !== props.value) element.innerHTML = props.value;
      element.ccShown = props.value;
    };
    watch('value', show);
    show();
  };

  parts.chart = (element, trigger, props, watch, id) => {
    const charts = window.candlecastCharts;
    if (!element.isConnected) return;
    if (window.Plotly) charts.attach(element, props, watch, id);
    else setTimeout(() => parts.chart(element, trigger, props, watch, id), 25);
  };
})();
