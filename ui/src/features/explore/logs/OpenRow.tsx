import type { LogRow } from '@/api/loki';
import { CorrelateMenu } from '@/components/CorrelateMenu';
import { LogDetails } from '@/components/logs/LogDetails';
import { serviceOf } from '@/lib/correlate';
import { traceIdOf } from '@/lib/logFields';
import type { LogRowsProps } from './LogRows';

/** What is below an open row: its fields, and where to go from it. */
export function OpenRow({ row, onFilter, onContext, onColumn, onBeside }: { row: LogRow } & LogRowsProps) {
  const moment = { at: row.ms, service: serviceOf({ ...row.metadata, ...row.labels }), traceId: traceIdOf(row) };
  return <LogDetails row={row} onFilter={onFilter} onColumn={onColumn} onContext={() => onContext(row)} actions={<CorrelateMenu moment={moment} onBeside={onBeside} />} />;
}
