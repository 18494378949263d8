import { describe, expect, it } from 'vitest';
import { checkModel } from '@/features/dashboards/edit/checkModel';

const at = (value: unknown) => checkModel(value).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('what is no dashboard', () => {
  it('is named with the place of it', () => {
    expect(at([])[0]).toMatch(/^: A dashboard is a JSON object/);
    expect(at({ title: 'T', panels: [{ id: 1 }, { id: 2, type: 'row', panels: [{ id: 3 }] }], templating: { list: [{ name: 'a', type: 'custom' }] }, tags: null })).toEqual([]);
    expect(at({ title: '', panels: {}, templating: { list: {} } })).toEqual(['title: "title" must be a text', 'panels: "panels" must be a list', 'templating.list: "templating.list" must be a list']);
    expect(at({ title: 'T', panels: [{ id: 1, type: 'row', panels: [{ id: 1, targets: {}, gridPos: { x: 0 } }, 7] }, { id: 4, type: 'stat', panels: [{ id: 5 }] }] })).toEqual([
      'panels.0.panels.0.id: panels[0].panels[0]: the id 1 is taken by another panel',
      'panels.0.panels.0.gridPos: panels[0].panels[0]: "gridPos" needs the numbers x, y, w and h',
      'panels.0.panels.0.targets: panels[0].panels[0]: "targets" must be a list',
      'panels.0.panels.1: panels[0].panels[1] must be an object',
      'panels.1.panels: panels[1]: only a row holds panels',
    ]);
    expect(at({ title: 'T', templating: { list: [{ type: 'custom' }, 3] } })).toEqual(['templating.list.0.name: A variable needs a "name"', 'templating.list.1: templating.list[1] must be an object']);
  });
});
