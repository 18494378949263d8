import { type DataFrame, type Field, FieldType, formattedValueToString, getValueFormat, type GrafanaTheme2, type LinkModel } from '@grafana/data';
import { fieldNamed } from '@/features/dashboards/panels/fieldNamed';
import { objectOption, option } from '@/features/dashboards/panels/types';

export interface Arc {
  /** 0 to 1 of the ring. */
  share: number;
  color: string;
  name: string;
}

export interface GraphNode {
  id: string;
  title: string;
  subtitle: string;
  mainStat: string;
  secondaryStat: string;
  arcs: Arc[];
  /** The ring where there are no arcs. */
  color: string | undefined;
  icon: string;
  /** Pixels. */
  radius: number;
  dimmed: boolean;
  details: [string, string][];
  links: LinkModel[];
}

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  mainStat: string;
  secondaryStat: string;
  color: string | undefined;
  /** Pixels. */
  thickness: number;
  dash: string | undefined;
  dimmed: boolean;
  details: [string, string][];
  links: LinkModel[];
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Nodes that the limit left out. */
  hidden: number;
}

export const mostNodes = 300;
export const mostEdges = 1500;
const normalRadius = 40;

/** Nodes and edges of a panel's frames, in Grafana's columns. Edges alone make their nodes. */
export function graphOf(frames: readonly DataFrame[], options: Record<string, unknown> | undefined, theme: GrafanaTheme2): Graph {
  const edgeFrames = frames.filter((frame) => has(frame, 'source') && has(frame, 'target'));
  const nodeFrames = frames.filter((frame) => !edgeFrames.includes(frame) && has(frame, 'id'));
  const nodeOptions = objectOption(options, 'nodes');
  const edgeOptions = objectOption(options, 'edges');
  let edges = edgeFrames.flatMap((frame) => edgesOf(frame, edgeOptions, theme));
  let nodes = unique(nodeFrames.flatMap((frame) => nodesOf(frame, nodeOptions, theme)));
  const known = new Set(nodes.map((node) => node.id));
  // A node that only edges name is drawn too, or the edge would lead nowhere.
  for (const id of new Set(edges.flatMap((edge) => [edge.source, edge.target]))) {
    if (!known.has(id)) nodes.push(bareNode(id));
  }
  const total = nodes.length;
  if (total > mostNodes) nodes = mostConnected(nodes, edges);
  const shown = new Set(nodes.map((node) => node.id));
  edges = edges.filter((edge) => shown.has(edge.source) && shown.has(edge.target)).slice(0, mostEdges);
  return { nodes, edges, hidden: total - nodes.length };
}

function has(frame: DataFrame, name: string): boolean {
  return fieldNamed(frame, name) !== undefined;
}

function unique(nodes: readonly GraphNode[]): GraphNode[] {
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}

function bareNode(id: string): GraphNode {
  return { id, title: id, subtitle: '', mainStat: '', secondaryStat: '', arcs: [], color: undefined, icon: '', radius: normalRadius, dimmed: false, details: [], links: [] };
}

function mostConnected(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): GraphNode[] {
  const degree = new Map<string, number>();
  for (const edge of edges) for (const id of [edge.source, edge.target]) degree.set(id, (degree.get(id) ?? 0) + 1);
  return nodes.toSorted((a, b) => (degree.get(b.id) ?? 0) - (degree.get(a.id) ?? 0)).slice(0, mostNodes);
}

function nodesOf(frame: DataFrame, options: Record<string, unknown>, theme: GrafanaTheme2): GraphNode[] {
  const get = (name: string): Field | undefined => fieldNamed(frame, name);
  const arcs = arcFields(frame, options, theme);
  const highlighted = get('highlighted');
  return rows(frame, (row) => {
    const id = textAt(get('id'), row);
    return {
      id,
      title: textAt(get('title'), row) || id,
      subtitle: textAt(get('subtitle'), row),
      mainStat: statAt(get('mainstat'), row, option(options, 'mainStatUnit', '')),
      secondaryStat: statAt(get('secondarystat'), row, option(options, 'secondaryStatUnit', '')),
      arcs: arcs.flatMap(({ field, color, name }) => (Number(field.values[row]) > 0 ? [{ share: Math.min(1, Number(field.values[row])), color, name }] : [])),
      color: colorAt(get('color'), row, theme),
      icon: textAt(get('icon'), row),
      radius: Math.min(90, Math.max(16, Number(get('noderadius')?.values[row] ?? normalRadius) || normalRadius)),
      dimmed: highlighted !== undefined && highlighted.values[row] !== true,
      details: detailsAt(frame, row),
      links: linksAt(frame, row),
    };
  });
}

function edgesOf(frame: DataFrame, options: Record<string, unknown>, theme: GrafanaTheme2): GraphEdge[] {
  const get = (name: string): Field | undefined => fieldNamed(frame, name);
  const highlighted = get('highlighted');
  return rows(frame, (row) => ({
    id: textAt(get('id'), row) || `${textAt(get('source'), row)}_${textAt(get('target'), row)}_${row}`,
    source: textAt(get('source'), row),
    target: textAt(get('target'), row),
    mainStat: statAt(get('mainstat'), row, option(options, 'mainStatUnit', '')),
    secondaryStat: statAt(get('secondarystat'), row, option(options, 'secondaryStatUnit', '')),
    color: colorAt(get('color'), row, theme),
    thickness: Math.min(12, Math.max(0.5, Number(get('thickness')?.values[row] ?? 1.5) || 1.5)),
    dash: /^[\d\s,.]{1,40}$/.exec(textAt(get('strokedasharray'), row))?.[0],
    dimmed: highlighted !== undefined && highlighted.values[row] !== true,
    details: detailsAt(frame, row),
    links: linksAt(frame, row),
  }));
}

function rows<T>(frame: DataFrame, make: (row: number) => T): T[] {
  return Array.from({ length: frame.length }, (_, row) => make(row));
}

/** Parts of a node's ring: the fields arc__*, or those that the panel's options name. */
function arcFields(frame: DataFrame, options: Record<string, unknown>, theme: GrafanaTheme2): { field: Field; color: string; name: string }[] {
  const stated = Array.isArray(options.arcs) ? (options.arcs as { field?: unknown; color?: unknown }[]) : [];
  const colors = new Map(stated.flatMap((one) => (typeof one?.field === 'string' && typeof one.color === 'string' && one.color !== '' ? [[one.field, one.color]] : [])));
  const named = new Set(stated.flatMap((one) => (typeof one?.field === 'string' ? [one.field] : [])));
  return frame.fields
    .filter((field) => field.name.startsWith('arc__') || named.has(field.name))
    .map((field, index) => ({
      field,
      color: theme.visualization.getColorByName(colors.get(field.name) ?? field.config.color?.fixedColor ?? theme.visualization.palette[index % theme.visualization.palette.length] ?? 'gray'),
      name: field.config.displayName ?? field.name.replace(/^arc__/, ''),
    }));
}

function textAt(field: Field | undefined, row: number): string {
  const value: unknown = field?.values[row];
  return value == null ? '' : String(value as string).slice(0, 500);
}

/** A number with the field's unit, or the panel's; a text as it is. */
function statAt(field: Field | undefined, row: number, unit: string): string {
  const value: unknown = field?.values[row];
  if (field === undefined || value == null) return '';
  if (typeof value !== 'number') return String(value as string).slice(0, 60);
  if (!Number.isFinite(value)) return '';
  const own = field.config.unit ?? '';
  if (field.display !== undefined && (unit === '' || own !== '')) return formattedValueToString(field.display(value)).trim();
  return formattedValueToString(getValueFormat(unit || own || 'short')(value, field.config.decimals ?? undefined)).trim();
}

/** A colour that is written in the data, or that a number has by the field's own scheme. */
function colorAt(field: Field | undefined, row: number, theme: GrafanaTheme2): string | undefined {
  const value: unknown = field?.values[row];
  if (field === undefined || value == null || value === '') return undefined;
  if (field.type === FieldType.number) return field.display?.(value).color;
  const color = theme.visualization.getColorByName(String(value as string));
  return /^(#[0-9a-f]{3,8}|rgba?\([\d\s.,%]+\)|hsla?\([\d\s.,%deg]+\)|[a-z]{3,24})$/i.test(color) ? color : undefined;
}

function detailsAt(frame: DataFrame, row: number): [string, string][] {
  return frame.fields.flatMap((field): [string, string][] => {
    if (!field.name.startsWith('detail__')) return [];
    const value = statAt(field, row, '');
    return value === '' ? [] : [[field.config.displayName ?? field.name.slice('detail__'.length), value]];
  });
}

function linksAt(frame: DataFrame, row: number): LinkModel[] {
  return frame.fields.flatMap((field) => field.getLinks?.({ valueRowIndex: row }) ?? []);
}
