const plot = element.querySelector('.cc-plot');
const note = element.querySelector('.cc-note');
let drawnKey = null;

function config(key) {
  return {
    displaylogo: false,
    showSendToCloud: false,
    plotlyServerURL: '',
    responsive: true,
    scrollZoom: true,
    displayModeBar: 'hover',
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
    toImageButtonOptions: { filename: 'candlecast-' + key.replace(/[^A-Za-z0-9]+/g, '-') },
  };
}

function draw() {
  const view = JSON.parse(props.value);
  note.textContent = view.note || '';
  note.hidden = !view.note;
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', view.label);
  if (view.figure && !window.Plotly) {
    setTimeout(draw, 100);
    return;
  }
  if (view.figure) {
    Plotly.react(plot, view.figure.data, view.figure.layout, config(view.key)).then(() => {
      plot.dataset.drawn = view.key;
    });
    drawnKey = view.key;
  } else if (drawnKey !== null && drawnKey !== view.key) {
    Plotly.purge(plot);
    delete plot.dataset.drawn;
    drawnKey = null;
  }
  plot.classList.toggle('cc-dimmed', !view.figure && drawnKey !== null);
}

watch('value', draw);
draw();
