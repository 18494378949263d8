/** Something that keeps a JSON value from being a dashboard, and the value that it is about. */
export interface ModelProblem {
  message: string;
  path: readonly (string | number)[];
}

const most = 20;
const rowOnly = new Set(['row']);

/** What keeps a JSON value from being a dashboard that can be shown and saved, in words. */
export function checkModel(value: unknown): ModelProblem[] {
  const problems: ModelProblem[] = [];
  const wrong = (path: readonly (string | number)[], message: string): void => {
    problems.push({ path, message });
  };
  if (!isObject(value)) return [{ path: [], message: 'A dashboard is a JSON object: { "title": …, "panels": [ … ] }' }];
  if (typeof value.title !== 'string' || value.title.trim() === '') wrong(['title'], '"title" must be a text');
  for (const key of ['tags', 'links', 'panels']) if (value[key] !== undefined && value[key] !== null && !Array.isArray(value[key])) wrong([key], `"${key}" must be a list`);
  for (const key of ['time', 'timepicker', 'templating', 'annotations']) if (value[key] !== undefined && value[key] !== null && !isObject(value[key])) wrong([key], `"${key}" must be an object`);
  const ids = new Set<unknown>();
  if (Array.isArray(value.panels)) value.panels.forEach((panel, index) => checkPanel(panel, ['panels', index], ids, wrong));
  checkList(value.templating, 'templating', wrong, (variable, path) => {
    if (typeof variable.name !== 'string' || variable.name === '') wrong([...path, 'name'], 'A variable needs a "name"');
    if (typeof variable.type !== 'string') wrong([...path, 'type'], 'A variable needs a "type": query, custom, …');
  });
  checkList(value.annotations, 'annotations', wrong, () => undefined);
  return problems.slice(0, most);
}

type Wrong = (path: readonly (string | number)[], message: string) => void;

function checkPanel(panel: unknown, path: readonly (string | number)[], ids: Set<unknown>, wrong: Wrong): void {
  const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join('').replace(/\](?=p)/g, '].');
  if (!isObject(panel)) {
    wrong(path, `${where} must be an object`);
    return;
  }
  if (typeof panel.id !== 'number') wrong([...path, 'id'], `${where} needs an "id", a number`);
  else if (ids.has(panel.id)) wrong([...path, 'id'], `${where}: the id ${panel.id} is taken by another panel`);
  ids.add(panel.id);
  if (panel.type !== undefined && typeof panel.type !== 'string') wrong([...path, 'type'], `${where}: "type" must be a text`);
  const place = panel.gridPos;
  if (place !== undefined && (!isObject(place) || ['x', 'y', 'w', 'h'].some((key) => typeof place[key] !== 'number'))) wrong([...path, 'gridPos'], `${where}: "gridPos" needs the numbers x, y, w and h`);
  for (const key of ['targets', 'transformations', 'links']) if (panel[key] !== undefined && panel[key] !== null && !Array.isArray(panel[key])) wrong([...path, key], `${where}: "${key}" must be a list`);
  for (const key of ['options', 'fieldConfig']) if (panel[key] !== undefined && panel[key] !== null && !isObject(panel[key])) wrong([...path, key], `${where}: "${key}" must be an object`);
  if (Array.isArray(panel.panels)) {
    if (panel.panels.length > 0 && !rowOnly.has(String(panel.type))) wrong([...path, 'panels'], `${where}: only a row holds panels`);
    panel.panels.forEach((inner, index) => checkPanel(inner, [...path, 'panels', index], ids, wrong));
  }
}

/** The objects in a section's "list". */
function checkList(section: unknown, name: string, wrong: Wrong, each: (entry: Record<string, unknown>, path: readonly (string | number)[]) => void): void {
  if (!isObject(section) || section.list === undefined || section.list === null) return;
  if (!Array.isArray(section.list)) {
    wrong([name, 'list'], `"${name}.list" must be a list`);
    return;
  }
  section.list.forEach((entry: unknown, index) => {
    if (isObject(entry)) each(entry, [name, 'list', index]);
    else wrong([name, 'list', index], `${name}.list[${index}] must be an object`);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
