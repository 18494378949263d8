import { axis, choices, dataLinks, graphStyles, hideFrom, is, isNot, legend, mappings, type OptionDef, type OptionGroup, orientation, reduce, standard, textSize, thresholds, thresholdStyle, tooltip } from '@/features/dashboards/edit/options/schema';

const custom = 'fieldConfig.defaults.custom';
const fields = [standard, thresholds, mappings, dataLinks];

function group(title: string, ...options: OptionDef[]): OptionGroup {
  return { title, options };
}

const bar: OptionDef[] = [
  { path: `${custom}.lineWidth`, label: 'Line width', kind: 'slider', min: 0, max: 10, default: 1 },
  { path: `${custom}.fillOpacity`, label: 'Fill', kind: 'slider', min: 0, max: 100, default: 80 },
  { path: `${custom}.gradientMode`, label: 'Gradient', kind: 'choice', choices: choices('none', 'opacity', 'hue', 'scheme'), default: 'none' },
];

const showValue = (...values: ('auto' | 'always' | 'never')[]): OptionDef => ({ path: 'options.showValue', label: 'Values', kind: 'choice', choices: choices(...values), default: 'auto' });

const stripes: OptionDef[] = [
  { path: `${custom}.lineWidth`, label: 'Line width', kind: 'slider', min: 0, max: 10, default: 0 },
  { path: `${custom}.fillOpacity`, label: 'Fill', kind: 'slider', min: 0, max: 100, default: 70 },
  { path: 'options.rowHeight', label: 'Row height', kind: 'slider', min: 0.1, max: 1, step: 0.1, default: 0.9 },
];

const logOptions = group(
  'Logs',
  { path: 'options.showTime', label: 'Time', kind: 'switch', default: false },
  { path: 'options.showLabels', label: 'Unique labels', kind: 'switch', default: false },
  { path: 'options.showCommonLabels', label: 'Common labels', kind: 'switch', default: false },
  { path: 'options.wrapLogMessage', label: 'Wrap lines', kind: 'switch', default: false },
  { path: 'options.prettifyLogMessage', label: 'Prettify JSON', kind: 'switch', default: false },
  { path: 'options.enableLogDetails', label: 'Details on click', kind: 'switch', default: true },
  { path: 'options.dedupStrategy', label: 'Repeated lines', kind: 'choice', choices: choices(['none', 'Show all'], ['exact', 'Same text'], ['numbers', 'Same but for numbers'], ['signature', 'Same punctuation']), default: 'none' },
  { path: 'options.sortOrder', label: 'Order', kind: 'choice', choices: choices(['Descending', 'Newest first'], ['Ascending', 'Oldest first']), default: 'Descending' },
);

const textOptions = group(
  'Text',
  { path: 'options.mode', label: 'Written in', kind: 'choice', choices: choices('markdown', ['html', 'HTML'], ['code', 'Plain code']), default: 'markdown' },
  { path: 'options.content', label: 'Content', kind: 'code' },
);

const alertOptions = group(
  'Alerts',
  { path: 'options.maxItems', label: 'At most', kind: 'number', min: 1, default: 20 },
  { path: 'options.sortOrder', label: 'Order', kind: 'choice', choices: choices([1, 'A to Z'], [2, 'Z to A'], [3, 'Importance'], [4, 'Oldest first'], [5, 'Newest first']), default: 1 },
  { path: 'options.groupMode', label: 'Group by', kind: 'choice', choices: choices(['default', 'Rule'], ['custom', 'Labels']), default: 'default' },
  { path: 'options.groupBy', label: 'Labels', kind: 'tags', when: is('options.groupMode', 'default', 'custom') },
  { path: 'options.alertName', label: 'Name contains', kind: 'text' },
  { path: 'options.alertInstanceLabelFilter', label: 'Label filter', kind: 'text', placeholder: '{severity="critical"}' },
  { path: 'options.stateFilter.firing', label: 'Firing', kind: 'switch', default: true },
  { path: 'options.stateFilter.pending', label: 'Pending', kind: 'switch', default: true },
);

const listOptions = group(
  'Dashboards',
  { path: 'options.showStarred', label: 'Starred', kind: 'switch', default: true },
  { path: 'options.showRecentlyViewed', label: 'Recently viewed', kind: 'switch', default: false },
  { path: 'options.showSearch', label: 'Found by search', kind: 'switch', default: false },
  { path: 'options.showHeadings', label: 'Headings', kind: 'switch', default: true },
  { path: 'options.maxItems', label: 'At most', kind: 'number', min: 1, default: 10 },
  { path: 'options.query', label: 'Title contains', kind: 'text', when: is('options.showSearch', false, true) },
  { path: 'options.folderUID', label: 'Folder', kind: 'special', editor: 'folder', when: is('options.showSearch', false, true) },
  { path: 'options.tags', label: 'Tags', kind: 'tags', when: is('options.showSearch', false, true) },
  { path: 'options.keepTime', label: 'With the time range', kind: 'switch', default: false },
  { path: 'options.includeVars', label: 'With the variables', kind: 'switch', default: false },
);

const annoOptions = group(
  'Annotations',
  { path: 'options.onlyFromThisDashboard', label: 'Of this dashboard only', kind: 'switch', default: false },
  { path: 'options.onlyInTimeRange', label: 'In the time range only', kind: 'switch', default: false },
  { path: 'options.tags', label: 'Tags', kind: 'tags' },
  { path: 'options.limit', label: 'At most', kind: 'number', min: 1, default: 10 },
  { path: 'options.showUser', label: 'Who', kind: 'switch', default: true },
  { path: 'options.showTime', label: 'When', kind: 'switch', default: true },
  { path: 'options.showTags', label: 'Tags shown', kind: 'switch', default: true },
);

const heatmap: OptionGroup[] = [
  group(
    'Heatmap',
    { path: 'options.calculate', label: 'Count into buckets', kind: 'choice', choices: choices([true, 'Yes'], [false, 'They are buckets']), default: false },
    { path: 'options.calculation.xBuckets.mode', label: 'X by', kind: 'choice', choices: choices(['size', 'Size'], ['count', 'Count']), default: 'size', when: is('options.calculate', false, true) },
    { path: 'options.calculation.xBuckets.value', label: 'X bucket', kind: 'text', placeholder: 'auto', when: is('options.calculate', false, true) },
    { path: 'options.calculation.yBuckets.mode', label: 'Y by', kind: 'choice', choices: choices(['size', 'Size'], ['count', 'Count']), default: 'size', when: is('options.calculate', false, true) },
    { path: 'options.calculation.yBuckets.value', label: 'Y bucket', kind: 'text', placeholder: 'auto', when: is('options.calculate', false, true) },
    { path: 'options.rowsFrame.layout', label: 'Bucket bound', kind: 'choice', choices: choices('auto', ['ge', 'Lower'], ['le', 'Upper'], ['unknown', 'Middle']), default: 'auto', when: isNot('options.calculate', false, true) },
    { path: 'options.cellGap', label: 'Cell gap', kind: 'slider', min: 0, max: 25, default: 1 },
    { path: 'options.filterValues.le', label: 'Leave out under', kind: 'number', placeholder: '1e-9' },
  ),
  group('Colours', { path: 'options.color', label: 'Colours', kind: 'special', editor: 'heatmapColor' }),
  group(
    'Y axis',
    { path: 'options.yAxis.axisPlacement', label: 'Place', kind: 'choice', choices: choices('left', 'right', 'hidden'), default: 'left' },
    { path: 'options.yAxis.unit', label: 'Unit', kind: 'unit' },
    { path: 'options.yAxis.decimals', label: 'Decimals', kind: 'number', min: 0, placeholder: 'auto' },
    { path: 'options.yAxis.min', label: 'Min', kind: 'number', placeholder: 'auto' },
    { path: 'options.yAxis.max', label: 'Max', kind: 'number', placeholder: 'auto' },
    { path: 'options.yAxis.reverse', label: 'Upside down', kind: 'switch', default: false },
  ),
  group('Legend', { path: 'options.legend.show', label: 'Shown', kind: 'switch', default: true }),
  group('Tooltip', { path: 'options.tooltip.mode', label: 'Shows', kind: 'choice', choices: choices(['single', 'One cell'], ['multi', 'All cells'], ['none', 'Nothing']), default: 'single' }, { path: 'options.tooltip.yHistogram', label: 'Histogram of the column', kind: 'switch', default: false }),
];

const table: OptionGroup[] = [
  group(
    'Table',
    { path: 'options.showHeader', label: 'Header', kind: 'switch', default: true },
    { path: 'options.cellHeight', label: 'Row height', kind: 'choice', choices: choices(['sm', 'Small'], ['md', 'Medium'], ['lg', 'Large']), default: 'sm' },
    { path: `${custom}.minWidth`, label: 'Smallest column', kind: 'number', min: 0, placeholder: '150' },
    { path: `${custom}.width`, label: 'Column width', kind: 'number', min: 0, placeholder: 'auto' },
    { path: `${custom}.align`, label: 'Alignment', kind: 'choice', choices: choices('auto', 'left', 'center', 'right'), default: 'auto' },
    { path: `${custom}.filterable`, label: 'Column filter', kind: 'switch', default: false },
    { path: `${custom}.hidden`, label: 'Hidden', kind: 'switch', default: false },
    { path: 'options.footer.enablePagination', label: 'Pages', kind: 'switch', default: false },
  ),
  group(
    'Footer',
    { path: 'options.footer.show', label: 'Shown', kind: 'switch', default: false },
    { path: 'options.footer.reducer', label: 'Calculation', kind: 'calcs', many: false, default: ['sum'], when: is('options.footer.show', false, true) },
    { path: 'options.footer.fields', label: 'Fields', kind: 'fields', many: true, numeric: true, placeholder: 'Numeric fields', when: is('options.footer.show', false, true) },
  ),
  group('Cell', { path: `${custom}.cellOptions`, label: 'Cell type', kind: 'special', editor: 'cellOptions' }, { path: `${custom}.inspect`, label: 'Whole value on click', kind: 'switch', default: false }),
];

const candlestick: OptionGroup[] = [
  group(
    'Candlestick',
    { path: 'options.mode', label: 'Shows', kind: 'choice', choices: choices(['candles+volume', 'Both'], ['candles', 'Candles'], ['volume', 'Volume']), default: 'candles+volume' },
    { path: 'options.candleStyle', label: 'Candles', kind: 'choice', choices: choices(['candles', 'Candles'], ['ohlcbars', 'OHLC bars']), default: 'candles' },
    { path: 'options.colorStrategy', label: 'Colour by', kind: 'choice', choices: choices(['open-close', 'Open and close'], ['close-close', 'The close before']), default: 'open-close' },
    { path: 'options.colors.up', label: 'Up', kind: 'color', default: 'green' },
    { path: 'options.colors.down', label: 'Down', kind: 'color', default: 'red' },
    ...(['open', 'high', 'low', 'close', 'volume'] as const).map((name): OptionDef => ({ path: `options.fields.${name}`, label: name.charAt(0).toUpperCase() + name.slice(1), kind: 'fields', many: false, numeric: true, placeholder: 'by name' })),
    { path: 'options.includeAllFields', label: 'Other fields too', kind: 'switch', default: false },
  ),
];

const xychart: OptionGroup[] = [
  group(
    'XY chart',
    { path: 'options.mapping', label: 'Series', kind: 'choice', choices: choices('auto', ['manual', 'By hand']), default: 'auto' },
    { path: 'options.series', label: 'Fields', kind: 'special', editor: 'xySeries' },
    { path: `${custom}.show`, label: 'Show', kind: 'choice', choices: choices(['points', 'Points'], ['lines', 'Lines'], ['points+lines', 'Both']), default: 'points' },
    { path: `${custom}.pointSize.fixed`, label: 'Point size', kind: 'slider', min: 1, max: 40, default: 5 },
    { path: `${custom}.pointShape`, label: 'Point shape', kind: 'choice', choices: choices('circle', 'square'), default: 'circle' },
    { path: `${custom}.fillOpacity`, label: 'Fill', kind: 'slider', min: 0, max: 100, default: 50 },
    { path: `${custom}.lineWidth`, label: 'Line width', kind: 'slider', min: 0, max: 10, default: 1, when: isNot(`${custom}.show`, 'points', 'points') },
  ),
];

/** The groups of options of each kind of panel, in the pane's order. */
export const panelSchemas: Readonly<Record<string, readonly OptionGroup[]>> = {
  timeseries: [tooltip, legend(), axis, graphStyles, thresholdStyle, ...fields, group('Series', hideFrom)],
  trend: [group('X axis', { path: 'options.xField', label: 'X field', kind: 'fields', many: false, numeric: true, placeholder: 'the first number' }), tooltip, legend(), axis, graphStyles, thresholdStyle, ...fields],
  candlestick: [...candlestick, tooltip, legend(), axis, ...fields],
  xychart: [...xychart, tooltip, legend(false), axis, ...fields],
  stat: [
    reduce,
    group(
      'Stat style',
      orientation,
      { path: 'options.textMode', label: 'Text', kind: 'choice', choices: choices('auto', ['value', 'Value'], ['value_and_name', 'Value and name'], ['name', 'Name'], ['none', 'None']), default: 'auto' },
      { path: 'options.wideLayout', label: 'Wide layout', kind: 'switch', default: true },
      { path: 'options.colorMode', label: 'Colour of', kind: 'choice', choices: choices(['none', 'Nothing'], ['value', 'Value'], ['background', 'Background, gradient'], ['background_solid', 'Background, solid']), default: 'value' },
      { path: 'options.graphMode', label: 'Graph', kind: 'choice', choices: choices(['none', 'None'], ['area', 'Area']), default: 'area' },
      { path: 'options.justifyMode', label: 'Text alignment', kind: 'choice', choices: choices('auto', ['center', 'Centre']), default: 'auto' },
      { path: 'options.percentChange', label: 'Change in percent', kind: 'switch', default: false },
      { path: 'options.percentChangeColorMode', label: 'Colour of the change', kind: 'choice', choices: choices(['standard', 'Up is good'], ['inverted', 'Down is good'], ['same_as_value', 'As the value']), default: 'standard', when: is('options.percentChange', false, true) },
    ),
    textSize,
    ...fields,
  ],
  gauge: [
    reduce,
    group(
      'Gauge',
      orientation,
      { path: 'options.showThresholdLabels', label: 'Threshold labels', kind: 'switch', default: false },
      { path: 'options.showThresholdMarkers', label: 'Threshold markers', kind: 'switch', default: true },
      { path: 'options.sizing', label: 'Gauge size', kind: 'choice', choices: choices('auto', 'manual'), default: 'auto' },
      { path: `${custom}.neutral`, label: 'Neutral value', kind: 'number', placeholder: 'auto' },
    ),
    textSize,
    ...fields,
  ],
  bargauge: [
    reduce,
    group(
      'Bar gauge',
      orientation,
      { path: 'options.displayMode', label: 'Mode', kind: 'choice', choices: choices('gradient', ['lcd', 'Retro LCD'], 'basic'), default: 'gradient' },
      { path: 'options.valueMode', label: 'Value', kind: 'choice', choices: choices(['color', 'In its colour'], ['text', 'In the text’s colour'], ['hidden', 'Hidden']), default: 'color' },
      { path: 'options.namePlacement', label: 'Name', kind: 'choice', choices: choices('auto', 'top', 'left', 'hidden'), default: 'auto' },
      { path: 'options.showUnfilled', label: 'Unfilled area', kind: 'switch', default: true },
      { path: 'options.minVizHeight', label: 'Smallest height', kind: 'number', min: 1, placeholder: '16' },
      { path: 'options.maxVizHeight', label: 'Largest height', kind: 'number', min: 1, placeholder: '300' },
    ),
    textSize,
    ...fields,
  ],
  barchart: [
    group(
      'Bar chart',
      { path: 'options.xField', label: 'X axis', kind: 'fields', many: false, placeholder: 'the first text or time' },
      { path: 'options.orientation', label: 'Orientation', kind: 'choice', choices: choices('auto', ['horizontal', 'Horizontal'], ['vertical', 'Vertical']), default: 'auto' },
      { path: 'options.xTickLabelRotation', label: 'Label rotation', kind: 'slider', min: -90, max: 90, step: 15, default: 0 },
      { path: 'options.xTickLabelMaxLength', label: 'Longest label', kind: 'number', min: 1, placeholder: 'any' },
      showValue('auto', 'always', 'never'),
      { path: 'options.stacking', label: 'Stacking', kind: 'choice', choices: choices(['none', 'Off'], ['normal', 'Normal'], ['percent', '100 %']), default: 'none' },
      { path: 'options.groupWidth', label: 'Group width', kind: 'slider', min: 0, max: 1, step: 0.05, default: 0.7 },
      { path: 'options.barWidth', label: 'Bar width', kind: 'slider', min: 0, max: 1, step: 0.01, default: 0.97 },
      { path: 'options.barRadius', label: 'Bar radius', kind: 'slider', min: 0, max: 0.5, step: 0.05, default: 0 },
      { path: 'options.fullHighlight', label: 'Highlight the whole bar', kind: 'switch', default: false },
      { path: 'options.colorByField', label: 'Colour by', kind: 'fields', many: false, placeholder: 'series' },
      ...bar,
    ),
    tooltip,
    legend(),
    axis,
    ...fields,
  ],
  piechart: [
    reduce,
    group(
      'Pie chart',
      { path: 'options.pieType', label: 'Kind', kind: 'choice', choices: choices('pie', 'donut'), default: 'pie' },
      { path: 'options.displayLabels', label: 'Labels', kind: 'tags', placeholder: 'name, value, percent' },
      { path: 'options.sort', label: 'Order', kind: 'choice', choices: choices(['desc', 'Largest first'], ['asc', 'Smallest first'], ['none', 'As found']), default: 'desc' },
    ),
    tooltip,
    {
      title: 'Legend',
      options: [...legend(false).options, { path: 'options.legend.values', label: 'Values', kind: 'tags', placeholder: 'value, percent' }],
    },
    ...fields,
  ],
  table: [...table, ...fields],
  heatmap: [...heatmap, group('Cells', { path: 'options.cellValues.unit', label: 'Unit', kind: 'unit' }, { path: 'options.cellValues.decimals', label: 'Decimals', kind: 'number', min: 0, placeholder: 'auto' }), dataLinks],
  histogram: [
    group(
      'Histogram',
      { path: 'options.bucketCount', label: 'Buckets', kind: 'number', min: 1, placeholder: '30' },
      { path: 'options.bucketSize', label: 'Bucket size', kind: 'number', min: 0, placeholder: 'auto' },
      { path: 'options.bucketOffset', label: 'Offset', kind: 'number', placeholder: '0' },
      { path: 'options.combine', label: 'All series together', kind: 'switch', default: false },
      ...bar,
    ),
    tooltip,
    legend(),
    ...fields,
  ],
  'state-timeline': [
    group(
      'State timeline',
      { path: 'options.mergeValues', label: 'Merge equal values', kind: 'switch', default: true },
      showValue('auto', 'always', 'never'),
      { path: 'options.alignValue', label: 'Text alignment', kind: 'choice', choices: choices('left', ['center', 'Centre'], 'right'), default: 'left' },
      { path: `${custom}.spanNulls`, label: 'Gaps', kind: 'special', editor: 'spanNulls' },
      { path: 'options.perPage', label: 'Rows a page', kind: 'number', min: 1, placeholder: 'all' },
      ...stripes,
    ),
    tooltip,
    legend(false),
    ...fields,
  ],
  'status-history': [group('Status history', showValue('auto', 'always', 'never'), { path: 'options.colWidth', label: 'Column width', kind: 'slider', min: 0.1, max: 1, step: 0.1, default: 0.9 }, ...stripes), tooltip, legend(false), ...fields],
  logs: [logOptions],
  text: [textOptions],
  alertlist: [alertOptions],
  dashlist: [listOptions],
  annolist: [annoOptions],
  nodeGraph: [group('Node graph', { path: 'options.nodes.mainStatUnit', label: 'Unit of the main number', kind: 'unit' }, { path: 'options.nodes.secondaryStatUnit', label: 'Unit of the second number', kind: 'unit' }, { path: 'options.edges.mainStatUnit', label: 'Unit at edges', kind: 'unit' }, { path: 'options.layoutAlgorithm', label: 'Layout', kind: 'choice', choices: choices(['layered', 'Layered'], ['force', 'Force'], ['grid', 'Grid']), default: 'layered' })],
  traces: [],
  flamegraph: [],
};
