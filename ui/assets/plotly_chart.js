// What Gradio runs when a chart's element is there; the work is in window.candlecastCharts.
function begin() {
  if (window.Plotly && window.candlecastCharts?.attach && window.candlecastCharts.complete()) {
    window.candlecastCharts.attach(element, props, watch);
  } else {
    setTimeout(begin, 40);
  }
}
begin();
