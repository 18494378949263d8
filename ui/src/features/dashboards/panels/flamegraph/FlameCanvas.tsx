import { useComputedColorScheme } from '@mantine/core';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import { drawFlames, rowHeight, type View } from '@/features/dashboards/panels/flamegraph/draw';
import { type Call, callAt, type Profile } from '@/features/dashboards/panels/flamegraph/profile';
import classes from './flamegraph.module.css';

interface FlameCanvasProps {
  profile: Profile;
  width: number;
  height: number;
  search: string;
  /** The call that is as wide as the drawing; undefined is the whole profile. */
  zoomed: Call | undefined;
  onZoom: (call: Call | undefined) => void;
}

/** The icicle; a click or Enter zooms into a call, Escape shows all again, arrows move. */
export function FlameCanvas({ profile, width, height, search, zoomed, onZoom }: FlameCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const [selected, setSelected] = useState(-1);
  const [hover, setHover] = useState<{ call: Call; x: number; y: number }>();
  const view: View = zoomed === undefined ? { start: 0, width: profile.total } : { start: zoomed.start, width: zoomed.value };
  const [scrolled, setScrolled] = useState(0);
  const whole = Math.max(height, profile.levels.length * rowHeight);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element == null || context == null) return;
    const ratio = devicePixelRatio;
    element.width = width * ratio;
    element.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawFlames(context, { profile, view: { start: view.start, width: view.width }, width, height, scrolled, search: search.toLowerCase(), selected, hovered: hover?.call.index ?? -1 });
  }, [profile, view.start, view.width, width, height, scrolled, search, selected, hover, scheme]);

  const at = (event: MouseEvent<HTMLCanvasElement>): Call | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    return callAt(profile, Math.floor((event.clientY - box.top + scrolled) / rowHeight), view.start + ((event.clientX - box.left) / Math.max(1, box.width)) * view.width);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const call = profile.calls[selected] ?? zoomed ?? profile.calls[0];
    if (call === undefined) return;
    const next = step(profile, call, event.key);
    if (next !== undefined) setSelected(next.index);
    else if (event.key === 'Enter') onZoom(call);
    else if (event.key === 'Escape' && zoomed !== undefined) onZoom(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const told = hover?.call ?? profile.calls[selected];
  return (
    <div className={classes.flames} style={{ height }} onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}>
      <canvas
        ref={canvas}
        className={classes.canvas}
        style={{ width, height }}
        role="img"
        tabIndex={0}
        aria-label={`Flame graph of ${profile.calls.length} calls, ${profile.format(profile.total)} in all${told === undefined ? '' : `. ${told.label}: ${profile.format(told.value)}`}`}
        onMouseMove={(event) => {
          const call = at(event);
          const box = event.currentTarget.getBoundingClientRect();
          setHover(call === undefined ? undefined : { call, x: event.clientX - box.left, y: event.clientY - box.top });
        }}
        onMouseLeave={() => setHover(undefined)}
        onClick={(event) => {
          const call = at(event);
          onZoom(call === undefined || call === zoomed || call.parent === -1 ? undefined : call);
        }}
        onKeyDown={onKeyDown}
      />
      <div style={{ height: whole - height }} />
      {hover !== undefined && (
        <div className={classes.tooltip} style={{ top: hover.y + scrolled + 16, ...(hover.x > width * 0.55 ? { right: width - hover.x } : { left: hover.x + 10 }) }}>
          <strong>{hover.call.label}</strong>
          <span>
            {profile.format(hover.call.value)} ({percent(hover.call.value, profile.total)})
          </span>
          <span className="dim">Self {profile.format(hover.call.self)}</span>
        </div>
      )}
    </div>
  );
}

function percent(part: number, total: number): string {
  return total === 0 ? '0 %' : `${((part / total) * 100).toFixed(1)} %`;
}

/** The neighbour in an arrow's direction. */
function step(profile: Profile, call: Call, key: string): Call | undefined {
  if (key === 'ArrowUp') return profile.calls[call.parent];
  if (key === 'ArrowDown') return profile.levels[call.level + 1]?.find((one) => one.parent === call.index);
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return undefined;
  const row = profile.levels[call.level] ?? [];
  return row[row.indexOf(call) + (key === 'ArrowRight' ? 1 : -1)];
}
