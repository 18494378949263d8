import type { GrafanaTheme2 } from '@grafana/data';
import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import type { PanelJson } from '@/features/dashboards/model/types';
import { LinkArea } from '@/features/dashboards/panels/LinkArea';
import { MappedIcon } from '@/features/dashboards/panels/MappedIcon';
import { inkOn, readable, translucent } from '@/features/dashboards/panels/readable';
import { Sparkline } from '@/features/dashboards/panels/Sparkline';
import { paddingOf, type StatChars, statLayout, statTexts } from '@/features/dashboards/panels/stat/statLayout';
import { objectOption, option } from '@/features/dashboards/panels/types';
import type { ReducedValue } from '@/features/dashboards/panels/values';
import classes from './stat.module.css';

interface BigValueProps {
  value: ReducedValue;
  panel: PanelJson;
  theme: GrafanaTheme2;
  many: boolean;
  chars: StatChars;
  width: number;
  height: number;
}

/** One number of a stat panel with its name, change and trend. */
export function BigValue({ value, panel, theme, many, chars, width, height }: BigValueProps) {
  const { options } = panel;
  const colorMode = option(options, 'colorMode', 'value');
  const texts = statTexts(panel, many);
  const { prefix = '', suffix = '', icon } = value.display;
  const text = texts.nameIsValue ? value.name : `${prefix}${value.display.text}`;
  const unit = texts.nameIsValue ? '' : suffix.trim();
  const change = option(options, 'showPercentChange', false) && value.percentChange !== undefined ? percentText(value.percentChange) : '';
  const sizes = objectOption(options, 'text');
  const layout = statLayout({
    width,
    height,
    ...chars,
    showName: texts.name,
    showValue: texts.value,
    change,
    hasTrend: option(options, 'graphMode', 'area') !== 'none' && value.trend !== undefined,
    wide: option(options, 'wideLayout', true),
    nameSize: option(sizes, 'titleSize', 0),
    valueSize: option(sizes, 'valueSize', 0),
  });
  const color = value.display.color ?? 'var(--text)';
  const look = lookOf(colorMode, color, theme);
  const centred = option(options, 'justifyMode', 'auto') === 'center' || (!texts.name && !many && layout.kind === 'stacked' && option(options, 'justifyMode', 'auto') === 'auto');
  const label = `${value.name}: ${prefix}${value.display.text}${suffix}`;
  return (
    <LinkArea links={value.links} label={label} className={classes.stat ?? ''} style={{ ...look.box, paddingInline: paddingOf(width) }} data={{ 'data-kind': layout.kind, 'data-centred': centred, 'data-trend': layout.trendHeight > 0 }}>
      {texts.name && (
        <span className={classes.name} style={{ fontSize: layout.nameSize, color: look.name }} title={value.name}>
          {value.name}
        </span>
      )}
      {texts.value && (
        <span className={classes.values}>
          <span className={classes.value} style={{ fontSize: layout.valueSize, color: look.value }} title={label}>
            {icon === undefined ? text : <MappedIcon icon={icon} text={text} />}
            {unit !== '' && <span className={classes.unit} data-tight={unit.length === 1}>{unit}</span>}
          </span>
          {change !== '' && value.percentChange !== undefined && <Change text={change} change={value.percentChange} mode={option(options, 'percentChangeColorMode', 'standard')} size={layout.changeSize} filled={colorMode.startsWith('background')} same={look.value} />}
        </span>
      )}
      {layout.trendHeight > 0 && value.trend !== undefined && (
        <Sparkline className={classes.trend} trend={value.trend} width={width} height={layout.trendHeight} color={look.trend} fill={look.trendFill} min={value.field.config.min ?? undefined} max={value.field.config.max ?? undefined} />
      )}
    </LinkArea>
  );
}

function percentText(change: number): string {
  return `${Math.abs(change).toLocaleString('en', { maximumFractionDigits: Math.abs(change) < 100 ? 1 : 0 })} %`;
}

interface ChangeProps {
  text: string;
  change: number;
  mode: string;
  size: number;
  filled: boolean;
  same: string;
}

/** How much it is more or less than at the start of the range. */
function Change({ text, change, mode, size, filled, same }: ChangeProps) {
  const Arrow = change < 0 ? IconArrowDownRight : IconArrowUpRight;
  const good = mode === 'inverted' ? change < 0 : change > 0;
  const color = mode === 'same_as_value' || filled ? same : change === 0 ? 'var(--text-dim)' : good ? 'var(--ok)' : 'var(--bad)';
  return (
    <span className={classes.change} style={{ fontSize: size, color }} title={`${change < 0 ? 'Down' : 'Up'} ${text} in this time range`}>
      {change !== 0 && <Arrow size={size * 1.15} aria-hidden="true" />}
      {text}
    </span>
  );
}

interface Look {
  box: CSSProperties;
  name: string;
  value: string;
  trend: string;
  trendFill: number;
}

/** Ink that can be read at any size: figures of different lengths side by side have one tone. */
const inkSize = 12;

/** The colours of a stat: of its value, behind it as a tint, or all over it. */
function lookOf(colorMode: string, color: string, theme: GrafanaTheme2): Look {
  switch (colorMode) {
    case 'background_solid': {
      const ink = readable(color, theme.isDark ? 20 : 255);
      return { box: { background: color, color: ink }, name: ink, value: ink, trend: ink, trendFill: 0.16 };
    }
    case 'background':
      // A tint, not a flood: a wall of saturated tiles says nothing louder than the one that matters.
      return {
        box: { background: `linear-gradient(120deg, ${translucent(color, theme.isDark ? 0.34 : 0.26)}, ${translucent(color, theme.isDark ? 0.2 : 0.13)})`, boxShadow: `inset 0 0 0 1px ${translucent(color, 0.5)}` },
        name: 'var(--text)',
        value: 'var(--text)',
        trend: color,
        trendFill: 0.22,
      };
    case 'none':
      return { box: {}, name: 'var(--text-dim)', value: 'var(--text)', trend: 'var(--text-dim)', trendFill: 0.12 };
    default:
      return { box: {}, name: 'var(--text-dim)', value: inkOn(color, theme.isDark, inkSize), trend: color, trendFill: 0.13 };
  }
}
