import type { GrafanaTheme2 } from '@grafana/data';
import type uPlot from 'uplot';
import { thresholdStops } from '@/features/dashboards/panels/chart/colors';
import type { ValueScale } from '@/features/dashboards/panels/chart/scales';

/** Draws the thresholds of each scale's first series that asks for them. Areas lie below the series, lines above. */
export function drawThresholds(plot: uPlot, scales: readonly ValueScale[], theme: GrafanaTheme2, layer: 'below' | 'above'): void {
  for (const scale of scales) {
    const series = scale.members.find((one) => !['off', ''].includes(one.style.thresholds));
    const { min, max } = plot.scales[scale.key] ?? {};
    if (series === undefined || min == null || max == null) continue;
    const { config, state } = series.field;
    const mode = series.style.thresholds;
    const stops = thresholdStops(series.field, theme, { min: config.min ?? state?.range?.min ?? min, max: config.max ?? state?.range?.max ?? max });
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const pixel = (value: number): number => Math.round(plot.valToPos(Math.min(max, Math.max(min, value)), scale.key, true));
    stops.forEach(({ color, value }, index) => {
      if (color === 'transparent') return;
      if (layer === 'below' && mode.includes('area')) {
        const next = stops[index + 1]?.value ?? Infinity;
        if (value >= max || next <= min) return;
        ctx.globalAlpha = 0.12;
        ctx.fillStyle = color;
        const top = pixel(next);
        ctx.fillRect(bbox.left, top, bbox.width, pixel(value) - top);
      }
      if (layer === 'above' && (mode.includes('line') || mode.includes('dashed')) && value >= min && value <= max) {
        ctx.globalAlpha = 0.8;
        ctx.strokeStyle = color;
        ctx.lineWidth = 1.5 * devicePixelRatio;
        ctx.setLineDash(mode.includes('dashed') ? [8 * devicePixelRatio, 6 * devicePixelRatio] : []);
        ctx.beginPath();
        ctx.moveTo(bbox.left, pixel(value));
        ctx.lineTo(bbox.left + bbox.width, pixel(value));
        ctx.stroke();
      }
    });
    ctx.restore();
  }
}
