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

export interface TransformationJson {
  id: string;
  options?: Record<string, unknown>;
  disabled?: boolean;
  filter?: unknown;
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
}

export interface VariableOption {
  text: string;
  value: string;
}

export interface VariableJson {
  name: string;
  label?: string | null;
  description?: string | null;
  type: string;
  hide?: number;
  query?: string | { query?: string; label?: string; stream?: string; type?: number; qryType?: number; refId?: string };
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
  /** 0: each panel alone, 1: shared crosshair, 2: shared tooltip. */
  graphTooltip?: number;
  links?: LinkJson[];
  templating?: { list?: VariableJson[] };
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
}
