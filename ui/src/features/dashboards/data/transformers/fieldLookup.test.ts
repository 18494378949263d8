import { FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { field, frame } from '@/features/dashboards/data/frames';
import { transform } from '@/features/dashboards/data/transform';
import { countries, states } from '@/features/dashboards/data/transformers/places';

const places = (...values: string[]) => [frame('A', [field('Place', FieldType.string, values), field('n', FieldType.number, values.map((_, at) => at))])];
const look = (values: string[], options: Record<string, unknown>) => transform(places(...values), [{ id: 'fieldLookup', options }], (text) => text);

describe('fieldLookup', () => {
  it('finds countries by either code and by name, and leaves unknown ones empty', async () => {
    const { frames, warnings } = await look(['de', 'JPN', 'Brazil', 'Atlantis'], { lookupField: 'Place' });
    expect(warnings).toEqual([]);
    expect(frames[0]?.fields.map((one) => one.name)).toEqual(['Place', 'id', 'name', 'lng', 'lat', 'n']);
    expect(frames[0]?.fields[1]?.values).toEqual(['DE', 'JP', 'BR', null]);
    expect(frames[0]?.fields[2]?.values).toEqual(['Germany', 'Japan', 'Brazil', null]);
    expect([frames[0]?.fields[3]?.values[0], frames[0]?.fields[4]?.values[0]]).toEqual([10.5, 51.2]);
  });

  it('finds states, and names a gazetteer that is not here', async () => {
    const { frames } = await look(['NY', 'new mexico'], { lookupField: 'Place', gazetteer: 'public/gazetteer/usa-states.json' });
    expect(frames[0]?.fields[2]?.values).toEqual(['New York', 'New Mexico']);
    const { frames: same, warnings } = await look(['JFK'], { lookupField: 'Place', gazetteer: 'public/gazetteer/airports.geojson' });
    expect(same[0]?.fields).toHaveLength(2);
    expect(warnings[0]).toContain('airports.geojson" is not here');
  });

  it('has every code once, and places on the globe', () => {
    const rows = [...countries.trim().split(/[|\n]/).map((one) => one.split(' ')), ...states.trim().split(/[|\n]/).map((one) => [`US-${one.slice(0, 2)}`, '', ...one.split(' ').slice(1, 3)])];
    expect(new Set(rows.map(([code]) => code)).size).toBe(rows.length);
    expect(rows.filter(([, , lat, lng]) => !(Math.abs(Number(lat)) <= 90 && Math.abs(Number(lng)) <= 180))).toEqual([]);
    expect(rows.length).toBe(250 + 51);
  });
});
