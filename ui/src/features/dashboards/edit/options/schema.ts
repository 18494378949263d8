import type { PanelJson } from '@/features/dashboards/model/types';

export interface Choice {
  value: string | number | boolean;
  label: string;
}

interface Common {
  /** Where the value is in the panel: "options.legend.calcs". What begins with fieldConfig.defaults can be overridden. */
  path: string;
  label: string;
  /** Shown only then. */
  when?: (panel: PanelJson) => boolean;
}

/** One option of a panel: which Grafana key it writes, and with what it is chosen. */
export type OptionDef = Common &
  (
    | { kind: 'choice'; choices: readonly Choice[]; default: Choice['value'] }
    | { kind: 'switch'; default: boolean }
    | { kind: 'number'; default?: number; min?: number; max?: number; step?: number; placeholder?: string }
    | { kind: 'slider'; default: number; min: number; max: number; step?: number }
    | { kind: 'text'; placeholder?: string; default?: string }
    | { kind: 'code'; default?: string }
    | { kind: 'calcs'; many: boolean; default: readonly string[] }
    | { kind: 'unit' }
    | { kind: 'color'; default: string }
    | { kind: 'tags'; placeholder?: string }
    | { kind: 'fields'; many: boolean; numeric?: boolean; placeholder?: string }
    | { kind: 'special'; editor: SpecialEditor }
  );

/** Options with an editor of their own. */
export type SpecialEditor = 'colorMode' | 'thresholds' | 'mappings' | 'links' | 'stacking' | 'spanNulls' | 'lineStyle' | 'scale' | 'heatmapColor' | 'cellOptions' | 'xySeries' | 'folder' | 'hideFrom';

export interface OptionGroup {
  title: string;
  options: readonly OptionDef[];
}

const custom = 'fieldConfig.defaults.custom';

export function choices(...list: (string | readonly [Choice['value'], string])[]): Choice[] {
  return list.map((one) => (typeof one === 'string' ? { value: one, label: one.charAt(0).toUpperCase() + one.slice(1) } : { value: one[0], label: one[1] }));
}

function at(panel: PanelJson, path: string): unknown {
  let value: unknown = panel;
  for (const key of path.split('.')) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return value;
}

/** A condition on another option. */
export function is(path: string, fallback: unknown, ...values: unknown[]): (panel: PanelJson) => boolean {
  return (panel) => values.includes(at(panel, path) ?? fallback);
}

export function isNot(path: string, fallback: unknown, ...values: unknown[]): (panel: PanelJson) => boolean {
  return (panel) => !values.includes(at(panel, path) ?? fallback);
}

const orientation: OptionDef = { path: 'options.orientation', label: 'Orientation', kind: 'choice', choices: choices('auto', ['horizontal', 'Horizontal'], ['vertical', 'Vertical']), default: 'auto' };

/** Tooltip as graphs have it. */
export const tooltip: OptionGroup = {
  title: 'Tooltip',
  options: [
    { path: 'options.tooltip.mode', label: 'Shows', kind: 'choice', choices: choices(['single', 'One series'], ['multi', 'All series'], ['none', 'Nothing']), default: 'single' },
    { path: 'options.tooltip.sort', label: 'Order', kind: 'choice', choices: choices(['none', 'As drawn'], ['asc', 'Ascending'], ['desc', 'Descending']), default: 'none', when: is('options.tooltip.mode', 'single', 'multi') },
    { path: 'options.tooltip.hideZeros', label: 'Leave out zeros', kind: 'switch', default: false, when: is('options.tooltip.mode', 'single', 'multi') },
  ],
};

export function legend(values = true): OptionGroup {
  return {
    title: 'Legend',
    options: [
      { path: 'options.legend.showLegend', label: 'Shown', kind: 'switch', default: true },
      { path: 'options.legend.displayMode', label: 'As', kind: 'choice', choices: choices('list', 'table'), default: 'list', when: is('options.legend.showLegend', true, true) },
      { path: 'options.legend.placement', label: 'Place', kind: 'choice', choices: choices(['bottom', 'Below'], ['right', 'Right']), default: 'bottom', when: is('options.legend.showLegend', true, true) },
      ...(values ? ([{ path: 'options.legend.calcs', label: 'Values', kind: 'calcs', many: true, default: [], when: is('options.legend.showLegend', true, true) }] satisfies OptionDef[]) : []),
    ],
  };
}

/** How rows become one value, as stat, gauge and their kin have it. */
export const reduce: OptionGroup = {
  title: 'Value',
  options: [
    { path: 'options.reduceOptions.values', label: 'Show', kind: 'choice', choices: choices([false, 'Calculate'], [true, 'All values']), default: false },
    { path: 'options.reduceOptions.calcs', label: 'Calculation', kind: 'calcs', many: false, default: ['lastNotNull'], when: isNot('options.reduceOptions.values', false, true) },
    { path: 'options.reduceOptions.limit', label: 'At most', kind: 'number', min: 1, placeholder: '25', when: is('options.reduceOptions.values', false, true) },
    { path: 'options.reduceOptions.fields', label: 'Fields', kind: 'fields', many: false, placeholder: 'Numeric fields' },
  ],
};

export { orientation };

/** Axes, as all graphs over two dimensions have them. */
export const axis: OptionGroup = {
  title: 'Axis',
  options: [
    { path: `${custom}.axisPlacement`, label: 'Place', kind: 'choice', choices: choices('auto', 'left', 'right', 'hidden'), default: 'auto' },
    { path: `${custom}.axisLabel`, label: 'Label', kind: 'text' },
    { path: `${custom}.scaleDistribution`, label: 'Scale', kind: 'special', editor: 'scale' },
    { path: `${custom}.axisCenteredZero`, label: 'Zero in the middle', kind: 'switch', default: false },
    { path: `${custom}.axisSoftMin`, label: 'Soft min', kind: 'number', placeholder: 'auto' },
    { path: `${custom}.axisSoftMax`, label: 'Soft max', kind: 'number', placeholder: 'auto' },
    { path: `${custom}.axisGridShow`, label: 'Grid lines', kind: 'choice', choices: choices([true, 'On'], [false, 'Off']), default: true },
    { path: `${custom}.axisColorMode`, label: 'Colour', kind: 'choice', choices: choices(['text', 'Text'], ['series', 'Series']), default: 'text' },
  ],
};

/** Lines, bars and points. */
export const graphStyles: OptionGroup = {
  title: 'Graph style',
  options: [
    { path: `${custom}.drawStyle`, label: 'Style', kind: 'choice', choices: choices(['line', 'Lines'], ['bars', 'Bars'], ['points', 'Points']), default: 'line' },
    { path: `${custom}.lineInterpolation`, label: 'Line', kind: 'choice', choices: choices('linear', 'smooth', ['stepBefore', 'Step before'], ['stepAfter', 'Step after']), default: 'linear', when: is(`${custom}.drawStyle`, 'line', 'line') },
    { path: `${custom}.barAlignment`, label: 'Bars', kind: 'choice', choices: choices([-1, 'Before'], [0, 'Centre'], [1, 'After']), default: 0, when: is(`${custom}.drawStyle`, 'line', 'bars') },
    { path: `${custom}.barWidthFactor`, label: 'Bar width', kind: 'slider', min: 0.1, max: 1, step: 0.1, default: 0.6, when: is(`${custom}.drawStyle`, 'line', 'bars') },
    { path: `${custom}.lineWidth`, label: 'Line width', kind: 'slider', min: 0, max: 10, default: 1, when: isNot(`${custom}.drawStyle`, 'line', 'points') },
    { path: `${custom}.lineStyle`, label: 'Line style', kind: 'special', editor: 'lineStyle', when: is(`${custom}.drawStyle`, 'line', 'line') },
    { path: `${custom}.fillOpacity`, label: 'Fill', kind: 'slider', min: 0, max: 100, default: 0, when: isNot(`${custom}.drawStyle`, 'line', 'points') },
    { path: `${custom}.gradientMode`, label: 'Gradient', kind: 'choice', choices: choices('none', 'opacity', 'hue', ['scheme', 'Scheme']), default: 'none', when: isNot(`${custom}.drawStyle`, 'line', 'points') },
    { path: `${custom}.fillBelowTo`, label: 'Fill below to', kind: 'fields', many: false, placeholder: 'a series' },
    { path: `${custom}.showPoints`, label: 'Points', kind: 'choice', choices: choices('auto', 'always', 'never'), default: 'auto', when: isNot(`${custom}.drawStyle`, 'line', 'points') },
    { path: `${custom}.pointSize`, label: 'Point size', kind: 'slider', min: 1, max: 40, default: 5 },
    { path: `${custom}.spanNulls`, label: 'Gaps', kind: 'special', editor: 'spanNulls', when: is(`${custom}.drawStyle`, 'line', 'line') },
    { path: `${custom}.stacking`, label: 'Stack', kind: 'special', editor: 'stacking' },
  ],
};

export const thresholdStyle: OptionGroup = {
  title: 'Threshold lines',
  options: [
    {
      path: `${custom}.thresholdsStyle.mode`,
      label: 'Show as',
      kind: 'choice',
      choices: choices(['off', 'Nothing'], ['line', 'Lines'], ['dashed', 'Dashed lines'], ['area', 'Filled regions'], ['line+area', 'Regions and lines'], ['dashed+area', 'Regions and dashed lines']),
      default: 'off',
    },
  ],
};

/** What all fields have: Grafana's "standard options". */
export const standard: OptionGroup = {
  title: 'Standard options',
  options: [
    { path: 'fieldConfig.defaults.unit', label: 'Unit', kind: 'unit' },
    { path: 'fieldConfig.defaults.min', label: 'Min', kind: 'number', placeholder: 'auto' },
    { path: 'fieldConfig.defaults.max', label: 'Max', kind: 'number', placeholder: 'auto' },
    { path: 'fieldConfig.defaults.fieldMinMax', label: 'Min and max of each field', kind: 'switch', default: false },
    { path: 'fieldConfig.defaults.decimals', label: 'Decimals', kind: 'number', min: 0, max: 15, placeholder: 'auto' },
    { path: 'fieldConfig.defaults.displayName', label: 'Display name', kind: 'text', placeholder: '${__field.labels.job}' },
    { path: 'fieldConfig.defaults.color', label: 'Colour scheme', kind: 'special', editor: 'colorMode' },
    { path: 'fieldConfig.defaults.noValue', label: 'No value', kind: 'text', placeholder: '–' },
  ],
};

export const thresholds: OptionGroup = { title: 'Thresholds', options: [{ path: 'fieldConfig.defaults.thresholds', label: 'Thresholds', kind: 'special', editor: 'thresholds' }] };
export const mappings: OptionGroup = { title: 'Value mappings', options: [{ path: 'fieldConfig.defaults.mappings', label: 'Value mappings', kind: 'special', editor: 'mappings' }] };
export const dataLinks: OptionGroup = { title: 'Data links', options: [{ path: 'fieldConfig.defaults.links', label: 'Data links', kind: 'special', editor: 'links' }] };
export const textSize: OptionGroup = {
  title: 'Text size',
  options: [
    { path: 'options.text.titleSize', label: 'Title', kind: 'number', min: 1, placeholder: 'auto' },
    { path: 'options.text.valueSize', label: 'Value', kind: 'number', min: 1, placeholder: 'auto' },
  ],
};
/** In which of legend, tooltip and picture a series is left out. */
export const hideFrom: OptionDef = { path: `${custom}.hideFrom`, label: 'Leave out of', kind: 'special', editor: 'hideFrom' };
