import type uPlot from 'uplot';
import { type Graph, textOf } from '@/features/dashboards/panels/series';
import { resolveColor } from '@/lib/color';

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** More texts than anybody reads in one chart. */
const mostTexts = 400;
const sizePx = 11;

/** Writes the values of the series that ask for it beside their points; one that would lie on another is left out. */
export function drawPointValues(plot: uPlot, graph: Graph): void {
  if (!graph.series.some((one) => one.style.showValues && one.drawn.length > 0)) return;
  const { ctx, bbox } = plot;
  const size = sizePx * devicePixelRatio;
  const taken: Box[] = [];
  ctx.save();
  ctx.font = `500 ${size}px ui-sans-serif, system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = resolveColor('var(--text)');
  graph.series.forEach((series, at) => {
    const scale = plot.series[at + 1]?.scale;
    if (!series.style.showValues || scale === undefined) return;
    const away = (series.style.draw === 'bars' ? 0 : (series.style.pointSize / 2) * devicePixelRatio) + size * 0.8;
    const [first, last] = plot.series[0]?.idxs ?? [0, series.drawn.length - 1];
    for (let index = first; index <= last && taken.length < mostTexts; index++) {
      const drawn = series.drawn[index];
      const x = graph.times[index];
      if (drawn == null || x === undefined) continue;
      const text = textOf(series, series.values[index]);
      const half = ctx.measureText(text).width / 2;
      const left = Math.min(Math.max(plot.valToPos(x, 'x', true), bbox.left + half), bbox.left + bbox.width - half);
      const middle = placeBeside(plot.valToPos(drawn, scale, true), away, series.style.draw === 'bars' && drawn < 0, bbox);
      const box = { left: left - half - 3, right: left + half + 3, top: middle - size / 2, bottom: middle + size / 2 };
      if (taken.some((one) => one.left < box.right && one.right > box.left && one.top < box.bottom && one.bottom > box.top)) continue;
      taken.push(box);
      ctx.fillText(text, left, middle);
    }
  });
  ctx.restore();
}

/** Above the point, below where a bar hangs, and always inside the plot. */
function placeBeside(y: number, away: number, below: boolean, { top, height }: uPlot.BBox): number {
  const wanted = below ? y + away : y - away;
  if (wanted - away / 2 < top) return y + away;
  return wanted + away / 2 > top + height ? y - away : wanted;
}
