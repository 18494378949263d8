import { NumberInput, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import type { DataFrame } from '@grafana/data';
import { FolderSelect } from '@/features/dashboards/edit/FolderSelect';
import { ColorMode } from '@/features/dashboards/edit/options/ColorMode';
import { HeatmapColor } from '@/features/dashboards/edit/options/HeatmapColor';
import { LinksEditor } from '@/features/dashboards/edit/options/LinksEditor';
import { MappingsEditor } from '@/features/dashboards/edit/options/MappingsEditor';
import type { Json } from '@/features/dashboards/edit/options/paths';
import { choices, type SpecialEditor } from '@/features/dashboards/edit/options/schema';
import { ThresholdsEditor } from '@/features/dashboards/edit/options/ThresholdsEditor';
import { XySeries } from '@/features/dashboards/edit/options/XySeries';
import { formatDuration, parseDuration } from '@/lib/duration';
import classes from './options.module.css';

export interface SpecialProps {
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
  frames: readonly DataFrame[];
}

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Options whose value is more than one control. */
export function SpecialField({ editor, ...props }: SpecialProps & { editor: SpecialEditor }) {
  switch (editor) {
    case 'colorMode':
      return <ColorMode {...props} />;
    case 'thresholds':
      return <ThresholdsEditor {...props} />;
    case 'mappings':
      return <MappingsEditor {...props} />;
    case 'links':
      return <LinksEditor {...props} />;
    case 'stacking':
      return <Stacking {...props} />;
    case 'spanNulls':
      return <SpanNulls {...props} />;
    case 'lineStyle':
      return <LineStyle {...props} />;
    case 'scale':
      return <Scale {...props} />;
    case 'heatmapColor':
      return <HeatmapColor {...props} />;
    case 'cellOptions':
      return <CellOptions {...props} />;
    case 'xySeries':
      return <XySeries {...props} />;
    case 'hideFrom':
      return <HideFrom {...props} />;
    case 'folder':
      return <FolderSelect label={props.label} value={typeof props.value === 'string' ? props.value : ''} onChange={(uid) => props.onChange(uid === '' ? undefined : uid)} />;
  }
}

function Stacking({ label, value, onChange }: SpecialProps) {
  const now = asObject(value);
  const mode = typeof now.mode === 'string' ? now.mode : 'none';
  return (
    <div className={classes.labelled}>
      <span className={classes.label}>{label}</span>
      <SegmentedControl aria-label={label} fullWidth data={[{ value: 'none', label: 'Off' }, { value: 'normal', label: 'Normal' }, { value: 'percent', label: '100 %' }]} value={mode} onChange={(next) => onChange({ group: 'A', ...now, mode: next })} />
      {mode !== 'none' && <TextInput aria-label="Stack group" placeholder="group A" value={typeof now.group === 'string' ? now.group : 'A'} onChange={(event) => onChange({ ...now, group: event.currentTarget.value })} />}
    </div>
  );
}

function SpanNulls({ label, value, onChange }: SpecialProps) {
  const mode = value === true ? 'always' : typeof value === 'number' ? 'threshold' : 'never';
  return (
    <div className={classes.labelled}>
      <span className={classes.label}>{label}</span>
      <SegmentedControl aria-label={label} fullWidth data={[{ value: 'never', label: 'Leave' }, { value: 'always', label: 'Connect' }, { value: 'threshold', label: 'Up to' }]} value={mode} onChange={(next) => onChange(next === 'always' ? true : next === 'never' ? false : 3_600_000)} />
      {typeof value === 'number' && <DurationInput label="Connect gaps up to" ms={value} onChange={onChange} />}
    </div>
  );
}

function DurationInput({ label, ms, onChange }: { label: string; ms: number; onChange: (ms: number) => void }) {
  return <TextInput aria-label={label} defaultValue={formatDuration(ms)} onBlur={(event) => onChange(parseDuration(event.currentTarget.value) ?? ms)} />;
}

function LineStyle({ label, value, onChange }: SpecialProps) {
  const now = asObject(value);
  const fill = typeof now.fill === 'string' ? now.fill : 'solid';
  const dash = Array.isArray(now.dash) ? now.dash.join(', ') : '';
  return (
    <div className={classes.labelled}>
      <span className={classes.label}>{label}</span>
      <SegmentedControl aria-label={label} fullWidth data={[{ value: 'solid', label: 'Solid' }, { value: 'dash', label: 'Dash' }, { value: 'dot', label: 'Dots' }]} value={fill} onChange={(next) => onChange(next === 'solid' ? { fill: next } : { fill: next, dash: next === 'dash' ? [10, 10] : [0, 10] })} />
      {fill !== 'solid' && <TextInput aria-label="Dash lengths" defaultValue={dash} onBlur={(event) => onChange({ ...now, dash: event.currentTarget.value.split(',').map(Number).filter((one) => Number.isFinite(one)) })} />}
    </div>
  );
}

function Scale({ label, value, onChange }: SpecialProps) {
  const now = asObject(value);
  const type = typeof now.type === 'string' ? now.type : 'linear';
  return (
    <div className={classes.labelled}>
      <span className={classes.label}>{label}</span>
      <SegmentedControl aria-label={label} fullWidth data={[{ value: 'linear', label: 'Linear' }, { value: 'log', label: 'Log' }, { value: 'symlog', label: 'Symlog' }]} value={type} onChange={(next) => onChange(next === 'linear' ? { type: next } : { log: 2, ...now, type: next, ...(next === 'symlog' ? { linearThreshold: 1 } : {}) })} />
      {type !== 'linear' && <SegmentedControl aria-label="Base" fullWidth data={['2', '10']} value={String(now.log ?? 2)} onChange={(log) => onChange({ ...now, log: Number(log) })} />}
      {type === 'symlog' && <NumberInput aria-label="Linear up to" value={typeof now.linearThreshold === 'number' ? now.linearThreshold : 1} onChange={(next) => onChange({ ...now, linearThreshold: Number(next) || 1 })} />}
    </div>
  );
}

const cellTypes = choices(['auto', 'Auto'], ['color-text', 'Coloured text'], ['color-background', 'Coloured background'], ['gauge', 'Gauge'], ['sparkline', 'Spark line'], ['json-view', 'JSON'], ['data-links', 'Data links'], ['pill', 'Pill'], ['markdown', 'Markdown']);

function CellOptions({ label, value, onChange }: SpecialProps) {
  const now = asObject(value);
  const type = typeof now.type === 'string' ? now.type : 'auto';
  return (
    <>
      <Select label={label} data={cellTypes.map((one) => ({ value: String(one.value), label: one.label }))} value={type} allowDeselect={false} onChange={(next) => onChange(next === 'color-background' ? { type: next, mode: 'gradient' } : next === 'gauge' ? { type: next, mode: 'gradient', valueDisplayMode: 'text' } : { type: next })} />
      {type === 'color-background' && (
        <>
          <SegmentedControl aria-label="Background" fullWidth data={[{ value: 'gradient', label: 'Gradient' }, { value: 'basic', label: 'Solid' }]} value={typeof now.mode === 'string' ? now.mode : 'gradient'} onChange={(mode) => onChange({ ...now, mode })} />
          <Switch size="xs" labelPosition="left" className={classes.switch} label="The whole row" checked={now.applyToRow === true} onChange={(event) => onChange({ ...now, applyToRow: event.currentTarget.checked })} />
        </>
      )}
      {type === 'gauge' && <SegmentedControl aria-label="Gauge" fullWidth data={[{ value: 'gradient', label: 'Gradient' }, { value: 'lcd', label: 'LCD' }, { value: 'basic', label: 'Basic' }]} value={typeof now.mode === 'string' ? now.mode : 'gradient'} onChange={(mode) => onChange({ ...now, mode })} />}
    </>
  );
}

function HideFrom({ label, value, onChange }: SpecialProps) {
  const now = asObject(value);
  return (
    <div className={classes.labelled}>
      <span className={classes.label}>{label}</span>
      {(['viz', 'legend', 'tooltip'] as const).map((part) => (
        <Switch key={part} size="xs" labelPosition="left" className={classes.switch} label={part === 'viz' ? 'The graph' : part === 'legend' ? 'The legend' : 'The tooltip'} checked={now[part] === true} onChange={(event) => onChange({ viz: false, legend: false, tooltip: false, ...now, [part]: event.currentTarget.checked })} />
      ))}
    </div>
  );
}
