import { NumberInput, SegmentedControl, Select, Slider, Switch } from '@mantine/core';
import { ColorField } from '@/features/dashboards/edit/ColorField';
import { asObject, type SpecialProps } from '@/features/dashboards/edit/options/SpecialField';
import classes from './options.module.css';

const schemes = ['Oranges', 'Reds', 'Blues', 'Greens', 'Greys', 'Purples', 'Turbo', 'Cividis', 'Viridis', 'Magma', 'Inferno', 'Plasma', 'Warm', 'Cool', 'Cubehelix', 'BuGn', 'BuPu', 'GnBu', 'OrRd', 'PuBu', 'PuRd', 'RdPu', 'YlGnBu', 'YlGn', 'YlOrBr', 'YlOrRd', 'RdBu', 'RdYlBu', 'RdYlGn', 'Spectral'];

/** A heatmap's colours: a scheme, or one colour that fades. */
export function HeatmapColor({ value, onChange }: SpecialProps) {
  const now = asObject(value);
  const set = (change: Record<string, unknown>) => onChange({ ...now, ...change });
  const opacity = now.mode === 'opacity';
  const steps = typeof now.steps === 'number' ? now.steps : 64;
  const exponent = typeof now.exponent === 'number' ? now.exponent : 0.5;
  return (
    <>
      <SegmentedControl aria-label="Colours by" fullWidth data={[{ value: 'scheme', label: 'Scheme' }, { value: 'opacity', label: 'Opacity' }]} value={opacity ? 'opacity' : 'scheme'} onChange={(mode) => set({ mode })} />
      {opacity ? (
        <>
          <ColorField label="Colour" value={typeof now.fill === 'string' ? now.fill : 'dark-orange'} onChange={(fill) => set({ fill })} />
          <SegmentedControl aria-label="Scale" fullWidth data={[{ value: 'exponential', label: 'Exponential' }, { value: 'linear', label: 'Linear' }]} value={now.scale === 'linear' ? 'linear' : 'exponential'} onChange={(scale) => set({ scale })} />
          {now.scale !== 'linear' && (
            <div className={classes.labelled}>
              <span className={classes.label}>
                Exponent <span className="num faint">{exponent}</span>
              </span>
              <Slider size="sm" label={null} min={0.1} max={2} step={0.1} value={exponent} thumbLabel="Exponent" onChange={(next) => set({ exponent: Number(next.toFixed(1)) })} />
            </div>
          )}
        </>
      ) : (
        <>
          <Select label="Scheme" searchable data={schemes} value={typeof now.scheme === 'string' ? now.scheme : 'Oranges'} allowDeselect={false} onChange={(scheme) => set({ mode: 'scheme', scheme })} />
          <div className={classes.labelled}>
            <span className={classes.label}>
              Steps <span className="num faint">{steps}</span>
            </span>
            <Slider size="sm" label={null} min={2} max={128} value={steps} thumbLabel="Steps" onChange={(next) => set({ steps: next })} />
          </div>
        </>
      )}
      <Switch size="xs" labelPosition="left" className={classes.switch} label="Reverse" checked={now.reverse === true} onChange={(event) => set({ reverse: event.currentTarget.checked })} />
      <div className={classes.pair}>
        <NumberInput label="Scale from" placeholder="auto" value={typeof now.min === 'number' ? now.min : ''} onChange={(min) => set({ min: typeof min === 'number' ? min : undefined })} />
        <NumberInput label="to" placeholder="auto" value={typeof now.max === 'number' ? now.max : ''} onChange={(max) => set({ max: typeof max === 'number' ? max : undefined })} />
      </div>
    </>
  );
}
