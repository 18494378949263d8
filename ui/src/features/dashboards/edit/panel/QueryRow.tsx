import { SegmentedControl } from '@mantine/core';
import { IconCopy, IconEye, IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { Datasource } from '@/api/dashboards';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { DatasourceSelect } from '@/features/dashboards/edit/DatasourceSelect';
import { IconButton, OrderButtons } from '@/features/dashboards/edit/fields';
import { ElasticQuery } from '@/features/dashboards/edit/panel/ElasticQuery';
import { JaegerQuery } from '@/features/dashboards/edit/panel/JaegerQuery';
import { LokiQuery } from '@/features/dashboards/edit/panel/LokiQuery';
import { OtherQuery } from '@/features/dashboards/edit/panel/OtherQuery';
import { PromQuery } from '@/features/dashboards/edit/panel/PromQuery';
import { TempoQuery } from '@/features/dashboards/edit/panel/TempoQuery';
import type { TargetJson } from '@/features/dashboards/model/types';
import classes from './panel.module.css';

interface QueryRowProps {
  target: TargetJson;
  index: number;
  count: number;
  isMixed: boolean;
  datasource: Datasource | undefined;
  context: Omit<PlanContext, 'points'>;
  /** The query as it was sent, with variables replaced. */
  sent: string | undefined;
  taken: readonly string[];
  onChange: (target: TargetJson, kind?: string) => void;
  onMove: (to: number) => void;
  onDuplicate: () => void;
  onRemove: () => void;
}

/** What an editor of one language gets. */
export interface TargetProps {
  target: TargetJson & Record<string, unknown>;
  mode: 'builder' | 'code';
  context: Omit<PlanContext, 'points'>;
  datasource: Datasource | undefined;
  /** kind: changes of the same one in quick succession are one step of undo. */
  set: (change: Record<string, unknown>, kind?: string) => void;
}

/** One query: its name and place, and the editor of its language. */
export function QueryRow({ target, index, count, isMixed, datasource, context, sent, taken, onChange, onMove, onDuplicate, onRemove }: QueryRowProps) {
  const stored = (target as { editorMode?: string }).editorMode;
  const [mode, setMode] = useState<'builder' | 'code'>(stored === 'builder' || (stored === undefined && (target.expr ?? '') === '' && (target.query ?? '') === '') ? 'builder' : 'code');
  const language = languageOf(datasource, target);
  const hidden = target.hide === true;
  const refId = target.refId ?? '';
  const set = (change: Record<string, unknown>, kind?: string) => onChange({ ...target, ...change }, kind);
  const props: TargetProps = { target: target as TargetProps['target'], mode, context, datasource, set };
  const expr = target.expr ?? '';
  return (
    <section className={classes.query} data-hidden={hidden} aria-label={`Query ${refId}`}>
      <header className={classes.queryHead}>
        <input
          key={refId}
          className={classes.refId}
          aria-label={`Name of query ${refId}`}
          defaultValue={refId}
          maxLength={20}
          onBlur={(event) => {
            const next = event.currentTarget.value.trim();
            if (next !== refId && next !== '' && !taken.includes(next)) set({ refId: next });
            else event.currentTarget.value = refId;
          }}
        />
        {isMixed && <DatasourceSelect label="Data source" hideLabel value={target.datasource} datasources={context.datasources} variables={context.variables} onChange={(ref) => onChange({ refId, hide: target.hide ?? false, datasource: ref })} />}
        {(language === 'promql' || language === 'logql' || language === 'traceql') && (
          <SegmentedControl
            aria-label="Write the query by"
            data={[{ value: 'builder', label: 'Builder' }, { value: 'code', label: 'Code' }]}
            value={mode}
            onChange={(value) => setMode(value === 'builder' ? 'builder' : 'code')}
          />
        )}
        <span className={classes.queryEnd}>
          <OrderButtons what={`query ${refId}`} index={index} count={count} onMove={onMove} onRemove={onRemove}>
            <IconButton label={hidden ? `Show query ${refId}` : `Hide query ${refId}`} pressed={hidden} icon={hidden ? <IconEyeOff size={14} /> : <IconEye size={14} />} onClick={() => set({ hide: !hidden })} />
            <IconButton label={`Duplicate query ${refId}`} icon={<IconCopy size={14} />} onClick={onDuplicate} />
          </OrderButtons>
        </span>
      </header>
      <div className={classes.queryBody}>
        {language === 'promql' && <PromQuery {...props} />}
        {language === 'logql' && <LokiQuery {...props} />}
        {language === 'traceql' && <TempoQuery {...props} />}
        {language === 'jaeger' && <JaegerQuery {...props} />}
        {language === 'elasticsearch' && <ElasticQuery {...props} />}
        {language === 'other' && <OtherQuery {...props} />}
        {sent !== undefined && sent !== expr && /\$|\[\[/.test(expr) && <p className={classes.sent}>{sent}</p>}
      </div>
    </section>
  );
}

type Language = 'promql' | 'logql' | 'traceql' | 'jaeger' | 'elasticsearch' | 'other';

/** The language of a data source, by what answers it or by its type. */
function languageOf(datasource: Datasource | undefined, target: TargetJson): Language {
  if (target.datasource?.type === '__expr__') return 'other';
  const type = datasource?.type ?? target.datasource?.type ?? '';
  if (type === 'tempo') return 'traceql';
  if (type === 'jaeger' || type === 'zipkin') return 'jaeger';
  if (type === 'elasticsearch' || type.includes('opensearch')) return 'elasticsearch';
  if (datasource?.dialect === 'prometheus' || type === 'prometheus') return 'promql';
  if (datasource?.dialect === 'loki' || type === 'loki') return 'logql';
  return 'other';
}
