/**
 * What Pharos reads of Grafana's dashboard model. Everything is optional:
 * dashboards are written by people and programs of ten years.
 */
export interface DatasourceRef {
  uid?: string;
  type?: string;
}

export interface TargetJson {
  refId?: string;
  expr?: string;
  query?: string;
  legendFormat?: string;
  format?: string;
  instant?: boolean;
  range?: boolean;
  hide?: boolean;
  interval?: string;
  intervalFactor?: number;
  step?: number;
  maxLines?: number;
  queryType?: string;
  datasource?: DatasourceRef | null;
  exemplar?: boolean;
  /** Loki: "backward" or "forward". */
  direction?: string;
  resolution?: number;
  /** Of -- Dashboard --: whose results these are. */
  panelId?: number;
  withTransforms?: boolean;
  /** Everything else that a data source's editor writes: see data/run for what is read. */
  [key: string]: unknown;
}

export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface FieldOverride {
  matcher: { id: string; options?: unknown };
  properties: { id: string; value?: unknown }[];
}

export interface FieldConfigJson {
  defaults?: Record<string, unknown>;
  overrides?: FieldOverride[];
}

/** A field's configuration as a file has it, and the matchers of transformations. */
export interface MatcherJson {
  id: string;
  options?: unknown;
}

export interface TransformationJson {
  id: string;
  options?: Record<string, unknown>;
  disabled?: boolean;
  filter?: MatcherJson;
  topic?: string;
}

export interface PanelJson {
  id: number;
  type?: string;
  title?: string;
  description?: string;
  transparent?: boolean;
  gridPos?: GridPos;
  datasource?: DatasourceRef | null;
  targets?: TargetJson[];
  fieldConfig?: FieldConfigJson;
  options?: Record<string, unknown>;
  transformations?: TransformationJson[];
  interval?: string | null;
  maxDataPoints?: number | null;
  timeFrom?: string | null;
  timeShift?: string | null;
  /** A duration, or __previousPeriod: what the panel compares its range with. */
  timeCompare?: string | null;
  hideTimeOverride?: boolean;
  /** Frames of a snapshot: they are shown instead of asking. */
  snapshotData?: unknown[];
  repeat?: string | null;
  repeatDirection?: 'h' | 'v';
  maxPerRow?: number;
  collapsed?: boolean;
  panels?: PanelJson[];
  links?: LinkJson[];
  libraryPanel?: { uid?: string; name?: string };
}

export interface LinkJson {
  title?: string;
  type?: string;
  url?: string;
  tags?: string[];
  targetBlank?: boolean;
  keepTime?: boolean;
  includeVars?: boolean;
  asDropdown?: boolean;
  tooltip?: string;
  icon?: string;
}

/** An entry of annotations.list. */
export interface AnnotationQueryJson {
  name?: string;
  enable?: boolean;
  hide?: boolean;
  iconColor?: string;
  type?: string;
  builtIn?: number | boolean;
  datasource?: DatasourceRef | null;
  expr?: string;
  query?: string;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
  useValueForTime?: boolean | string;
  tags?: string[];
  matchAny?: boolean;
  limit?: number;
  timeField?: string;
  timeEndField?: string;
  textField?: string;
  tagsField?: string;
  /** Which panels show it: listed, or all but those listed. */
  filter?: { exclude?: boolean; ids?: number[] };
  target?: TargetJson;
  mappings?: Record<string, { source?: string; value?: string; regex?: string }>;
}

/** One condition of an ad hoc variable. */
export interface AdhocFilter {
  key: string;
  operator: string;
  value: string;
  /** Of the operators =| and !=|. */
  values?: string[];
}

export interface VariableOption {
  text: string;
  value: string;
  /** What else an option of JSON has: ${name.property}. */
  properties?: Record<string, string>;
}

/** The object forms of variable queries, of Prometheus, Loki, Tempo and Elasticsearch together. */
export interface VariableQueryJson {
  query?: string;
  label?: string;
  stream?: string;
  /** Loki: 0 names, 1 values. Tempo: 0 names, 1 values. */
  type?: number | string;
  /** Prometheus: 0 label names, 1 label values, 2 metrics, 3 query result, 4 series, 5 as text. */
  qryType?: number;
  metric?: string;
  labelFilters?: { label?: string; op?: string; value?: string }[];
  match?: string;
  seriesQuery?: string;
  varQuery?: string;
  metricRegex?: string;
  find?: string;
  field?: string;
  service?: string;
  refId?: string;
  [key: string]: unknown;
}

export interface VariableJson {
  name: string;
  label?: string | null;
  description?: string | null;
  type: string;
  hide?: number;
  query?: string | VariableQueryJson;
  definition?: string;
  regex?: string;
  sort?: number;
  refresh?: number;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
  auto?: boolean;
  auto_count?: number;
  auto_min?: string;
  datasource?: DatasourceRef | null;
  skipUrlSync?: boolean;
  /** Of an ad hoc variable. */
  filters?: AdhocFilter[];
  baseFilters?: AdhocFilter[];
  defaultKeys?: unknown[];
  allowCustomValue?: boolean;
  valuesFormat?: string;
  regexApplyTo?: string;
  /** Of the kind "switch". */
  enabledValue?: string;
  disabledValue?: string;
  current?: { text?: string | string[]; value?: string | string[] } | null;
  options?: { text?: string | string[]; value?: string | string[]; selected?: boolean }[];
}

export interface DashboardJson {
  uid?: string;
  title: string;
  description?: string;
  tags?: string[];
  refresh?: string | false;
  time?: { from?: string; to?: string };
  /** "browser", "utc" or a time zone's name. */
  timezone?: string;
  weekStart?: string;
  fiscalYearStartMonth?: number;
  timepicker?: { nowDelay?: string; refresh_intervals?: string[]; hidden?: boolean };
  liveNow?: boolean;
  /** 0: each panel alone, 1: shared crosshair, 2: shared tooltip. */
  graphTooltip?: number;
  links?: LinkJson[];
  templating?: { list?: VariableJson[] };
  annotations?: { list?: AnnotationQueryJson[] };
  panels?: PanelJson[];
  __inputs?: { name: string; type?: string; pluginId?: string; value?: string }[];
}

/** Something that happened at a time or over a while: a deploy, an alert, an answer of an annotation query. */
export interface Annotation {
  /** Milliseconds. */
  ms: number;
  /** Milliseconds; a region when it is set. */
  endMs?: number;
  title?: string;
  /** Plain text; hostile until escaped. */
  text: string;
  tags: readonly string[];
  color: string;
  /** The name of the annotation query. */
  source: string;
  /** Only on this panel. */
  panelId?: number;
}
