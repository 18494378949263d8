import { alignTimeRangeCompareData, type DataFrame, FieldType, type GrafanaTheme2 } from '@grafana/data';

const suffix = '-compare';

/** Answers of an earlier range, marked as what others are compared with: their times stay their own until they are drawn. */
export function markCompared(frames: readonly DataFrame[], diffMs: number): DataFrame[] {
  return frames.map((frame) => ({ ...frame, ...(frame.refId === undefined ? {} : { refId: `${frame.refId}${suffix}` }), meta: { ...frame.meta, timeCompare: { diffMs, isTimeShiftQuery: true } } }));
}

/** Compared frames over the times of the others, dashed and in the colours of the series that they are compared with. */
export function alignCompared(frames: DataFrame[], theme: GrafanaTheme2): DataFrame[] {
  if (!frames.some(isCompared)) return frames;
  const main = frames.filter((frame) => !isCompared(frame));
  const seen = new Map<string, number>();
  return frames.map((frame) => {
    if (!isCompared(frame)) return frame;
    const refId = (frame.refId ?? '').replace(/-compare$/, '');
    const aligned = alignTimeRangeCompareData(frame, frame.meta?.timeCompare?.diffMs ?? 0, theme);
    const at = seen.get(refId) ?? 0;
    seen.set(refId, at + 1);
    const like = partnerOf(frame, main.filter((one) => one.refId === refId), at);
    if (like === undefined) return aligned;
    const fields = aligned.fields.map((field, index) => {
      const seriesIndex = like.fields[index]?.state?.seriesIndex;
      return field.type !== FieldType.number || seriesIndex === undefined ? field : { ...field, state: { ...field.state, seriesIndex } };
    });
    return { ...aligned, fields };
  });
}

/** The frame of the same series: with the same labels, for an earlier time may have had others; else the one at its place. */
function partnerOf(frame: DataFrame, candidates: readonly DataFrame[], at: number): DataFrame | undefined {
  const labels = labelsOf(frame);
  return candidates.find((one) => one.fields.length === frame.fields.length && labelsOf(one) === labels) ?? candidates[at];
}

function labelsOf(frame: DataFrame): string {
  return JSON.stringify(frame.fields.map((field) => [field.name, Object.entries(field.labels ?? {}).sort()]));
}

export function isCompared(frame: DataFrame): boolean {
  return frame.meta?.timeCompare?.isTimeShiftQuery === true;
}
