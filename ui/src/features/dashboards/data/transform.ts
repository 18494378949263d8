import { type DataFrame, type DataTransformerConfig, standardTransformers, standardTransformersRegistry, transformDataFrame, type TransformerRegistryItem } from '@grafana/data';
import type { TransformationJson } from '@/features/dashboards/model/types';

// What Grafana keeps in its application, not in its data package.
const aliases: Record<string, string> = { seriesToColumns: 'joinByField' };

let known: Set<string> | undefined;

/** Grafana's registry is one for the page and empty until somebody fills it. */
function knownTransformers(): Set<string> {
  if (known === undefined) {
    // Some are listed under their old name as well.
    const all = [...new Map(Object.values(standardTransformers).map((one) => [one.id, one])).values()];
    standardTransformersRegistry.setInit(() =>
      all.map(
        (one) =>
          ({
            id: one.id,
            name: one.name,
            description: '',
            transformation: () => Promise.resolve(one),
            editor: () => null,
            imageDark: '',
            imageLight: '',
          }) as TransformerRegistryItem,
      ),
    );
    known = new Set(all.map((one) => one.id));
  }
  return known;
}

export interface Transformed {
  frames: DataFrame[];
  warnings: string[];
}

/** The frames after the panel's transformations. One that Pharos has not is left out and named. */
export async function transform(frames: DataFrame[], steps: readonly TransformationJson[] | undefined, replace: (text: string) => string): Promise<Transformed> {
  const active = (steps ?? []).filter((step) => step.disabled !== true);
  if (active.length === 0) return { frames, warnings: [] };
  const available = knownTransformers();
  const configs: DataTransformerConfig[] = [];
  const warnings: string[] = [];
  for (const step of active) {
    const id = aliases[step.id] ?? step.id;
    if (available.has(id)) configs.push({ ...step, id, options: step.options ?? {} } as DataTransformerConfig);
    else warnings.push(`The transformation "${step.id}" is not supported: the data are shown without it`);
  }
  const out = await new Promise<DataFrame[]>((resolve, reject) => {
    let last = frames;
    transformDataFrame(configs, frames, { interpolate: (text) => replace(text ?? '') }).subscribe({
      next: (value) => {
        last = value;
      },
      error: reject,
      complete: () => resolve(last),
    });
  });
  return { frames: out, warnings };
}
