/** Requests a second on a logarithmic slider: 0 is off, then 1 to 5000. */
export const maxRate = 5000;
export const sliderSteps = 1000;

/** The rate at a slider's position, 0 to sliderSteps; rounded to what a person would choose. */
export function rateAt(position: number): number {
  if (position <= 0) return 0;
  const rate = maxRate ** (Math.min(position, sliderSteps) / sliderSteps);
  const digits = rate < 20 ? 1 : rate < 200 ? 5 : rate < 2000 ? 50 : 100;
  return Math.min(maxRate, Math.max(1, Math.round(rate / digits) * digits));
}

/** rateAt's inverse. */
export function positionOf(rate: number): number {
  if (rate < 1) return 0;
  return Math.round((Math.log(Math.min(rate, maxRate)) / Math.log(maxRate)) * sliderSteps) || 1;
}
