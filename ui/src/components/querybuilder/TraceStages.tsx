import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import type { TraceSource } from '@/components/querybuilder/TraceField';
import { TraceStageBody } from '@/components/querybuilder/TraceStageBody';
import { emptyGroup, emptySpans, isMetricStage, isSeriesStage, measureFunctions, type TraceStage } from '@/lib/traceqlBuilder';
import classes from './builder.module.css';

interface TraceStagesProps {
  stages: readonly TraceStage[];
  source: TraceSource;
  onChange: (stages: TraceStage[]) => void;
}

const metric = (fn: string): TraceStage => ({ kind: 'metric', fn, field: measureFunctions.includes(fn) ? 'duration' : '', quantiles: fn === 'quantile_over_time' ? ['0.95'] : [], by: [] });
const aggregate = (fn: string): TraceStage => ({ kind: 'aggregate', fn, field: fn === 'count' ? '' : 'duration', op: '>', value: fn === 'count' ? '1' : '100ms' });

const menu: readonly { title: string; needsMetric?: boolean; items: readonly [string, TraceStage][] }[] = [
  {
    title: 'Of the spans found',
    items: [
      ...['count', 'avg', 'min', 'max', 'sum'].map((fn): [string, TraceStage] => [fn, aggregate(fn)]),
      ['by', { kind: 'by', field: 'resource.service.name' }],
      ['coalesce', { kind: 'coalesce' }],
      ['select', { kind: 'select', fields: ['span.http.route'] }],
      ['filter further', { kind: 'spans', spans: emptySpans() }],
    ],
  },
  { title: 'Over time', items: ['rate', 'count_over_time', ...measureFunctions].map((fn): [string, TraceStage] => [fn, metric(fn)]).concat([['compare', { kind: 'compare', where: { ...emptyGroup(), items: [{ kind: 'condition', field: 'status', op: '=', value: 'error', quoted: false }] }, params: [] }]]) },
  { title: 'Of the series', needsMetric: true, items: [['topk', { kind: 'top', fn: 'topk', count: '10' }], ['bottomk', { kind: 'top', fn: 'bottomk', count: '10' }], ['compare with a number', { kind: 'threshold', op: '>', value: '1' }]] },
];

/** Before metrics come the stages on spans, after them those on series. */
const rank = (stage: TraceStage) => (isMetricStage(stage) ? 1 : isSeriesStage(stage) ? 2 : 0);

function added(stages: readonly TraceStage[], stage: TraceStage): TraceStage[] {
  const kept = isMetricStage(stage) ? stages.filter((one) => !isMetricStage(one)) : [...stages];
  const at = kept.findIndex((one) => rank(one) > rank(stage));
  return at < 0 ? [...kept, stage] : [...kept.slice(0, at), stage, ...kept.slice(at)];
}

export function stageTitle(stage: TraceStage): string {
  switch (stage.kind) {
    case 'aggregate':
    case 'metric':
    case 'top':
      return stage.fn;
    case 'spans':
      return 'filter';
    case 'threshold':
      return 'series';
    case 'text':
      return 'stage';
    default:
      return stage.kind;
  }
}

/** What is done to the spans that were found: numbers of each trace, series over time. */
export function TraceStages({ stages, source, onChange }: TraceStagesProps) {
  const measured = stages.some((one) => one.kind === 'metric');
  const swap = (a: number, b: number) => onChange(stages.map((one, at) => (at === a ? stages[b] : at === b ? stages[a] : one) ?? one));
  const beside = (a: number, b: number) => stages[a] !== undefined && stages[b] !== undefined && rank(stages[a]) === rank(stages[b]);
  return (
    <div>
      <p className={classes.title}>Stages</p>
      <ol className={classes.chain}>
        {stages.map((stage, index) => {
          const title = stageTitle(stage);
          return (
            <li key={index} className={stage.kind === 'spans' || stage.kind === 'compare' ? classes.other : classes.op} aria-label={`Stage ${title}`}>
              <div className={classes.opHead}>
                {title}
                <span style={{ display: 'inline-flex' }}>
                  {beside(index - 1, index) && <Small label={`Move ${title} to the front`} icon={<IconArrowLeft size={12} />} onClick={() => swap(index, index - 1)} />}
                  {beside(index, index + 1) && <Small label={`Move ${title} to the back`} icon={<IconArrowRight size={12} />} onClick={() => swap(index, index + 1)} />}
                  <Small label={`Remove ${title}`} icon={<IconX size={13} />} onClick={() => onChange(stages.filter((_, at) => at !== index))} />
                </span>
              </div>
              <TraceStageBody stage={stage} source={source} onChange={(next) => onChange(stages.map((one, at) => (at === index ? next : one)))} />
            </li>
          );
        })}
        <li style={{ display: 'flex', alignItems: 'center' }}>
          <Menu position="bottom-start" shadow="md">
            <Menu.Target>
              <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />}>
                Stage
              </Button>
            </Menu.Target>
            <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
              {menu.map(({ title, needsMetric, items }) => (
                <div key={title}>
                  <Menu.Label>{title}</Menu.Label>
                  {items.map(([label, stage]) => (
                    <Menu.Item key={label} ff="monospace" disabled={needsMetric === true && !measured} onClick={() => onChange(added(stages, stage))}>
                      {label}
                    </Menu.Item>
                  ))}
                </div>
              ))}
            </Menu.Dropdown>
          </Menu>
        </li>
      </ol>
    </div>
  );
}

function Small({ label, icon, onClick }: { label: string; icon: React.ReactNode; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="xs" aria-label={label} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}
