import { type Call, type Profile } from '@/features/dashboards/panels/flamegraph/profile';
import { seriesColor, seriesColorCount, resolveColor } from '@/lib/color';

export const rowHeight = 20;
const smallestBlock = 1;
const smallestText = 34;

export interface View {
  /** The part of the profile that is drawn, in its unit. */
  start: number;
  width: number;
}

export interface DrawInput {
  profile: Profile;
  view: View;
  /** Pixels. */
  width: number;
  height: number;
  /** Pixels above what is in view. */
  scrolled: number;
  /** Lower case; '' is no search. */
  search: string;
  selected: number;
  hovered: number;
}

/** Draws the icicle: callers above, what they call below, as wide as the time in them. */
export function drawFlames(context: CanvasRenderingContext2D, input: DrawInput): void {
  const { profile, view, width, height, scrolled, search, selected, hovered } = input;
  const fromLevel = Math.floor(scrolled / rowHeight);
  const scale = width / Math.max(view.width, Number.MIN_VALUE);
  const palette = Array.from({ length: seriesColorCount }, (_, index) => resolveColor(seriesColor(index)));
  const panel = resolveColor('var(--panel)');
  const text = resolveColor('var(--text)');
  const faint = resolveColor('var(--line)');
  const accent = resolveColor('var(--accent)');
  context.clearRect(0, 0, width, height);
  context.font = '11px ui-sans-serif, system-ui, sans-serif';
  context.textBaseline = 'middle';
  const last = Math.min(profile.levels.length, fromLevel + Math.ceil(height / rowHeight) + 1);
  for (let level = fromLevel; level < last; level++) {
    const y = level * rowHeight - scrolled;
    let drawnTo = -1;
    for (const call of profile.levels[level] ?? []) {
      const left = (call.start - view.start) * scale;
      const right = (call.start + call.value - view.start) * scale;
      if (right < 0) continue;
      if (left > width) break;
      // What is thinner than a pixel is one sliver with its neighbours.
      if (right - left < smallestBlock && left < drawnTo) continue;
      const x = Math.max(0, left);
      const w = Math.max(smallestBlock, Math.min(width, right) - x);
      drawnTo = x + smallestBlock;
      const found = search === '' || call.label.toLowerCase().includes(search);
      context.globalAlpha = found ? (call.index === hovered ? 0.75 : 0.52) : 1;
      context.fillStyle = found ? (palette[colorIndex(call)] ?? accent) : faint;
      context.fillRect(x, y, w > 3 ? w - 1 : w, rowHeight - 1);
      context.globalAlpha = 1;
      if (call.index === selected) {
        context.strokeStyle = accent;
        context.lineWidth = 2;
        context.strokeRect(x + 1, y + 1, Math.max(1, w - 3), rowHeight - 3);
      }
      if (w < smallestText) continue;
      context.fillStyle = found ? text : panel;
      if (found || search === '') context.fillText(fit(context, call.label, w - 10), x + 5, y + rowHeight / 2);
    }
  }
}

function fit(context: CanvasRenderingContext2D, label: string, width: number): string {
  if (context.measureText(label).width <= width) return label;
  const room = Math.floor(label.length * (width / context.measureText(label).width)) - 1;
  return room < 2 ? '' : `${label.slice(0, room)}…`;
}

/** A package keeps its colour: the name up to the last dot or slash. */
function colorIndex({ label }: Call): number {
  const name = label.replace(/[.:/][^.:/]*$/, '');
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return (hash >>> 0) % seriesColorCount;
}
