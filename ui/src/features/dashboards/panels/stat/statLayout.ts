import { option } from '@/features/dashboards/panels/types';
import type { PanelJson } from '@/features/dashboards/model/types';

export type TextMode = 'auto' | 'value' | 'value_and_name' | 'name' | 'none';

export interface StatTexts {
  name: boolean;
  value: boolean;
  /** The name is what is drawn large. */
  nameIsValue: boolean;
}

/** What a stat says: with auto the name when there are several, or when only the name can say what it is. */
export function statTexts(panel: PanelJson, many: boolean): StatTexts {
  const mode = option(panel.options, 'textMode', 'auto') as TextMode;
  switch (mode) {
    case 'name':
      return { name: false, value: true, nameIsValue: true };
    case 'value':
      return { name: false, value: true, nameIsValue: false };
    case 'value_and_name':
      return { name: true, value: true, nameIsValue: false };
    case 'none':
      return { name: false, value: false, nameIsValue: false };
    default: {
      const { displayName } = panel.fieldConfig?.defaults ?? {};
      const named = (typeof displayName === 'string' && displayName !== '') || panel.title === undefined || panel.title.trim() === '';
      return { name: many || named, value: true, nameIsValue: false };
    }
  }
}

export interface StatInput {
  width: number;
  height: number;
  name: string;
  /** The texts whose widths count: prefix, text, suffix. */
  value: string;
  suffix: string;
  showName: boolean;
  showValue: boolean;
  /** The text of the percent change, '' when there is none. */
  change: string;
  hasTrend: boolean;
  /** Name and value may stand side by side where there is room. */
  wide: boolean;
  /** Stated sizes in pixels, 0 when automatic. */
  nameSize: number;
  valueSize: number;
}

export interface StatLayout {
  kind: 'stacked' | 'wide';
  /** Pixels. */
  nameSize: number;
  valueSize: number;
  changeSize: number;
  /** Of the trend; 0 when there is no room for it. */
  trendHeight: number;
}

const padding = 10;
/** The width of a character as a share of its size, in the semibold face of figures. */
const glyph = 0.58;
const largest = 64;
const smallest = 12;
/** Wider than this times their height, name and value stand side by side. */
const wideRatio = 2.5;

/** Sizes that fit a stat into its box: as large as there is room, never larger than can be taken in at a glance. */
export function statLayout(input: StatInput): StatLayout {
  const { width, height, name, showName, showValue, change } = input;
  const room = { width: Math.max(10, width - 2 * padding), height: Math.max(10, height - 8) };
  const valueChars = Math.max(1, input.value.length + input.suffix.length * 0.62);
  const kind = input.wide && showName && showValue && width / height > wideRatio ? 'wide' : 'stacked';
  const trendHeight = !input.hasTrend || height < 44 ? 0 : kind === 'wide' || !showValue ? Math.min(height * 0.55, 120) : Math.min(height * 0.42, height - 30);
  const free = kind === 'wide' ? room.height * (trendHeight > 0 && height > 50 ? 0.6 : 1) : room.height - trendHeight * 0.85;
  const nameWidth = kind === 'wide' ? room.width * 0.6 : room.width;
  const nameSize = input.nameSize > 0 ? input.nameSize : showName ? clamp(Math.min(free * (kind === 'wide' ? 0.5 : 0.26), nameWidth / (Math.max(name.length, 4) * glyph)), 11, 20) : 0;
  const changeSize = change === '' ? 0 : clamp(free * 0.18, 10, 18);
  const valueWidth = kind === 'wide' ? Math.max(room.width - Math.min(name.length * nameSize * glyph, room.width * 0.6) - 12, room.width * 0.35) : room.width;
  const left = kind === 'wide' ? free : free - (showName ? nameSize * 1.35 : 0);
  const valueHeight = left - (change === '' ? 0 : changeSize * 1.3);
  const valueSize = input.valueSize > 0 ? input.valueSize : clamp(Math.min(valueHeight / 1.18, valueWidth / (valueChars * glyph)), smallest, largest);
  return { kind, nameSize, valueSize, changeSize, trendHeight };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
