/** What keeps a JSON value from being a dashboard that can be shown and saved, in words. */
export function checkModel(value: unknown): string[] {
  if (!isObject(value)) return ['A dashboard is a JSON object: { "title": …, "panels": [ … ] }'];
  const problems: string[] = [];
  if (typeof value.title !== 'string' || value.title.trim() === '') problems.push('"title" must be a text');
  const panels = value.panels;
  if (panels !== undefined && !Array.isArray(panels)) problems.push('"panels" must be a list');
  const ids = new Set<unknown>();
  const check = (panel: unknown, where: string): void => {
    if (!isObject(panel)) {
      problems.push(`${where} must be an object`);
      return;
    }
    if (typeof panel.id !== 'number') problems.push(`${where} needs an "id", a number`);
    else if (ids.has(panel.id)) problems.push(`${where}: the id ${panel.id} is taken by another panel`);
    ids.add(panel.id);
    const place = panel.gridPos;
    if (place !== undefined && (!isObject(place) || ['x', 'y', 'w', 'h'].some((key) => typeof place[key] !== 'number'))) problems.push(`${where}: "gridPos" needs the numbers x, y, w and h`);
    if (panel.targets !== undefined && !Array.isArray(panel.targets)) problems.push(`${where}: "targets" must be a list`);
    if (Array.isArray(panel.panels)) panel.panels.forEach((inner, index) => check(inner, `${where}.panels[${index}]`));
  };
  if (Array.isArray(panels)) panels.forEach((panel, index) => check(panel, `panels[${index}]`));
  const templating = value.templating;
  if (templating !== undefined && (!isObject(templating) || (templating.list !== undefined && !Array.isArray(templating.list)))) problems.push('"templating.list" must be a list');
  return problems.slice(0, 10);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
