// The probabilities of the classes over the steps. `charts` has the parts of charts.js, which the
// page contains only once.
export function classChart({ Chart, axis, marksPlugin, stepAxis }, box) {
  const chart = new Chart(box);
  let shape = "", marks = [];

  // Marks the step at which the model is read out.
  const readOutPlugin = (step) => ({
    hooks: {
      draw: (plot) => {
        const { ctx, bbox } = plot, x = plot.valToPos(step, "x", true);
        if (x < bbox.left || x > bbox.left + bbox.width) return;
        ctx.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--text");
        ctx.fillRect(x - devicePixelRatio / 2, bbox.top, devicePixelRatio, bbox.height);
      },
    },
  });

  return {
    redraw: () => chart.redraw(),
    // trail: {step, values}, oldest first; lines: {label, stroke} of each class; steps: of the model.
    show(trail, lines, edits, steps) {
      marks = edits;
      const data = [trail.map((point) => point.step), ...lines.map((_, k) => trail.map((point) => point.values[k]))];
      const wanted = JSON.stringify([lines, steps]);
      if (shape === wanted) {
        chart.update(data);
        return;
      }
      shape = wanted;
      chart.make({
        scales: { x: { time: false, range: (_, low, high) => [low ?? 0, Math.max(high ?? 0, 1.05 * steps)] }, y: { range: [0, 1] } },
        axes: [stepAxis("step"), axis({ label: "probability" })],
        series: [{}, ...lines.map((line) => ({ ...line, width: 1.5, points: { show: false } }))],
        plugins: [marksPlugin(() => marks), readOutPlugin(steps)],
      }, data);
    },
  };
}
