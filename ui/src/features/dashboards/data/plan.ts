import type { DataFrame } from '@grafana/data';
import type { Datasource } from '@/api/dashboards';
import type { SentQuery } from '@/features/dashboards/data/frames';
import type { DashboardJson, TargetJson, TransformationJson } from '@/features/dashboards/model/types';
import type { Scope, Variable } from '@/features/dashboards/model/variables';
import type { ResolvedRange } from '@/lib/timeRange';

/** One query of a panel, ready to send. */
export interface PlannedQuery extends SentQuery {
  datasource: Datasource;
  /** At the end of the range only. */
  instant: boolean;
  /** At the end and over the range. */
  both?: boolean;
  /** Milliseconds. */
  from: number;
  to: number;
  maxLines: number;
  /** The target with all variables replaced: what a dialect reads beside the query itself. */
  target: TargetJson;
  /** Only expressions read it. */
  hidden?: boolean;
  /** Native histograms become cells, for heatmaps and histograms. */
  cells?: boolean;
  /** The panel's type: some answers differ by it. */
  panelType?: string;
  /** Milliseconds between the points of the panel's graph. */
  interval: number;
  /** Of -- Dashboard --: another panel's queries, whose answer this is. */
  shared?: { queries: readonly PlannedQuery[]; transformations: readonly TransformationJson[] };
}

export interface PlanContext {
  dashboard: DashboardJson;
  datasources: readonly Datasource[];
  variables: readonly Variable[];
  range: ResolvedRange;
  /** How many points a graph of this width can show. */
  points: number;
  /** Milliseconds between scrapes. */
  scrapeMs: number;
  /** Built-in variables of the page: ${__dashboard}, ${__user.login}, ${__url.params}. */
  globals?: Scope;
  /** Whether the range moves with the time; true when not given. */
  relative?: boolean;
}

export interface Plan {
  queries: PlannedQuery[];
  /** Why some targets are not asked. */
  problems: string[];
  scope: Scope;
  range: ResolvedRange;
  /** "Last 1h", when the panel has a time range of its own. */
  ownRange: string | undefined;
  /** The same queries over the earlier range that the panel compares with. */
  compared?: { queries: PlannedQuery[]; diffMs: number };
}

export interface PanelData {
  frames: DataFrame[];
  warnings: string[];
}

