import { type DataFrame, type DataTransformerConfig, getFrameMatchers, standardTransformers, standardTransformersRegistry, transformDataFrame, type TransformerRegistryItem } from '@grafana/data';
import { ownTransformers } from '@/features/dashboards/data/transformers/own';
import type { TransformationJson } from '@/features/dashboards/model/types';
import { refusedTransformation } from '@/features/dashboards/support';

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

/** The ids of all transformations that Pharos does, in the order of their names. */
export function transformationIds(): string[] {
  return [...new Set([...knownTransformers(), ...Object.keys(ownTransformers), ...Object.keys(aliases)])].sort();
}

export interface Transformed {
  frames: DataFrame[];
  warnings: string[];
}

/** More transformations than a panel can sensibly have. */
const maxSteps = 100;

/** The frames after the panel's transformations. One that Pharos has not, or that fails, is left out and named. */
export async function transform(frames: DataFrame[], steps: readonly TransformationJson[] | undefined, replace: (text: string) => string): Promise<Transformed> {
  const warnings: string[] = [];
  let current = frames;
  for (const step of (steps ?? []).slice(0, maxSteps)) {
    if (step.disabled === true || (step.topic !== undefined && step.topic !== 'series')) continue;
    try {
      current = await applyStep(current, step, replace);
    } catch (cause) {
      warnings.push(`The transformation "${step.id}" ${cause instanceof Unsupported ? cause.message : `failed: ${cause instanceof Error ? cause.message : String(cause)}. The data are shown without it`}`);
    }
  }
  return { frames: current, warnings };
}

class Unsupported extends Error {}

async function applyStep(frames: DataFrame[], step: TransformationJson, replace: (text: string) => string): Promise<DataFrame[]> {
  const id = aliases[step.id] ?? step.id;
  const own = Object.hasOwn(ownTransformers, id) ? ownTransformers[id] : undefined;
  if (own !== undefined) return filtered(frames, step, (matched) => own(matched, step.options ?? {}, replace));
  if (!knownTransformers().has(id)) throw new Unsupported(`is not supported. ${refusedTransformation(step.id)}`);
  const config = { ...step, id, options: step.options ?? {} } as DataTransformerConfig;
  return new Promise<DataFrame[]>((resolve, reject) => {
    let last = frames;
    transformDataFrame([config], frames, { interpolate: (text) => replace(text ?? '') }).subscribe({
      next: (value) => {
        last = value;
      },
      error: reject,
      complete: () => resolve(last),
    });
  });
}

/** Applies to the frames that the step's filter takes; the others stay, behind. */
function filtered(frames: DataFrame[], { filter }: TransformationJson, apply: (frames: DataFrame[]) => DataFrame[]): DataFrame[] {
  if (filter === undefined || filter.options === undefined || filter.options === null || filter.options === '') return apply(frames);
  const matcher = getFrameMatchers(filter);
  return [...apply(frames.filter((one) => matcher(one))), ...frames.filter((one) => !matcher(one))];
}
