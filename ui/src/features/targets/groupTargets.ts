import type { Target } from '@/api/prometheus';

/** The targets of one job. */
export interface Pool {
  job: string;
  targets: Target[];
  up: number;
}

/** Targets that contain every word of the text in their job, address, labels or error. */
export function filterTargets(targets: readonly Target[], text: string, onlyDown: boolean): Target[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return targets.filter((target) => {
    if (onlyDown && target.health === 'up') return false;
    if (words.length === 0) return true;
    const labels = Object.entries(target.labels).map(([name, value]) => `${name}=${value}`);
    const haystack = [target.scrapePool, target.scrapeUrl, target.lastError, ...labels].join('\n').toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** Jobs with a target that is not up come first, then by name; so do the targets in a job. */
export function groupTargets(targets: readonly Target[]): Pool[] {
  const pools = new Map<string, Target[]>();
  for (const target of targets) {
    const job = target.labels.job ?? target.scrapePool;
    pools.set(job, [...(pools.get(job) ?? []), target]);
  }
  const rank = (target: Target): number => (target.health === 'up' ? 1 : 0);
  return [...pools]
    .map(([job, list]) => ({
      job,
      targets: list.toSorted((a, b) => rank(a) - rank(b) || a.scrapeUrl.localeCompare(b.scrapeUrl)),
      up: list.filter((target) => target.health === 'up').length,
    }))
    .sort((a, b) => Number(a.up === a.targets.length) - Number(b.up === b.targets.length) || a.job.localeCompare(b.job));
}
