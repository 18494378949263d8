import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '@grafana/data';
import { countries, states } from '@/features/dashboards/data/transformers/places';
import { textOption, type Transformer } from '@/features/dashboards/data/transformers/types';

interface Place {
  id: string;
  name: string;
  lng: number;
  lat: number;
}

/** The gazetteers that are here, by the paths that Grafana gives them. */
const gazetteers: Readonly<Record<string, () => ReadonlyMap<string, Place>>> = {
  'public/gazetteer/countries.json': countryPlaces,
  'public/gazetteer/usa-states.json': statePlaces,
};

/** Puts code, name, longitude and latitude of the place that a field's values name behind that field: fieldLookup. */
export const fieldLookup: Transformer = (frames, options) => {
  const wanted = textOption(options, 'lookupField');
  const path = textOption(options, 'gazetteer') || 'public/gazetteer/countries.json';
  const read = Object.hasOwn(gazetteers, path) ? gazetteers[path] : undefined;
  if (read === undefined) throw new Error(`the gazetteer "${path}" is not here: countries and states of the USA are`);
  const places = read();
  return frames.map((frame): DataFrame => ({
    ...frame,
    fields: frame.fields.flatMap((field) => (field.name === wanted || getFieldDisplayName(field, frame, frames) === wanted ? [field, ...lookedUp(field, places)] : [field])),
  }));
};

function lookedUp(field: Field, places: ReadonlyMap<string, Place>): Field[] {
  const found = field.values.map((value: unknown) => (typeof value === 'string' ? places.get(value.trim().toUpperCase()) : undefined));
  const column = (name: keyof Place, type: FieldType): Field => ({ name, type, config: {}, values: found.map((place) => place?.[name] ?? null) });
  return [column('id', FieldType.string), column('name', FieldType.string), column('lng', FieldType.number), column('lat', FieldType.number)];
}

/** Countries by both of their codes and their English name. */
function countryPlaces(): Map<string, Place> {
  const names = new Intl.DisplayNames('en', { type: 'region' });
  const places = new Map<string, Place>();
  for (const entry of entriesOf(countries)) {
    const [id = '', long = '', lat, lng] = entry.split(' ');
    const place = { id, name: names.of(id) ?? id, lat: Number(lat), lng: Number(lng) };
    for (const key of [id, long, place.name]) places.set(key.toUpperCase(), place);
  }
  return places;
}

function statePlaces(): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const entry of entriesOf(states)) {
    const [id = '', lat, lng, ...name] = entry.split(' ');
    const place = { id, name: name.join(' '), lat: Number(lat), lng: Number(lng) };
    for (const key of [id, place.name]) places.set(key.toUpperCase(), place);
  }
  return places;
}

function entriesOf(table: string): string[] {
  return table.trim().split(/[|\n]/);
}
