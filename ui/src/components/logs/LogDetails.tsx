import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core';
import { IconArrowsVertical, IconCheck, IconColumnInsertRight, IconCopy, IconTimeline, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { type CSSProperties, Fragment, type ReactNode, useMemo } from 'react';
import type { LogRow } from '@/api/loki';
import { LinkButton } from '@/components/LinkButton';
import { type Field, fieldsOf, jsonOf, traceIdOf } from '@/lib/logFields';
import { levelColor, levelOf } from '@/lib/levels';
import { exploreTrace } from '@/lib/links';
import type { FieldSource, FilterOperator } from '@/lib/logql';
import { formatDateTime } from '@/lib/timeRange';
import classes from './logs.module.css';

interface LogDetailsProps {
  row: LogRow;
  /** Narrows the query; without it the buttons are absent. */
  onFilter?: ((field: Field, operator: FilterOperator) => void) | undefined;
  onContext?: (() => void) | undefined;
  /** Shows a field as a column of the list, or no longer. */
  onColumn?: ((name: string) => void) | undefined;
  /** More to do with the row: beside the other buttons. */
  actions?: ReactNode;
}

const groupTitles: Record<FieldSource, string> = {
  label: 'Stream labels',
  metadata: 'Structured metadata',
  parsed: 'Extracted by the query',
  json: 'In the line (JSON)',
  logfmt: 'In the line (logfmt)',
};

/** All that is known about one row, and where to go from it. */
export function LogDetails({ row, onFilter, onContext, onColumn, actions }: LogDetailsProps) {
  const fields = useMemo(() => fieldsOf(row), [row]);
  const json = useMemo(() => jsonOf(row.line), [row.line]);
  const traceId = traceIdOf(row);
  const groups = [...new Set(fields.map((field) => field.source))];
  const level = levelOf({ ...row.labels, ...row.metadata, ...row.parsed }, row.line);
  return (
    <div className={classes.details} style={{ '--row-level': levelColor(level) } as CSSProperties}>
      <div className={classes.detailBar}>
        {traceId !== undefined && (
          <LinkButton place={exploreTrace(traceId)} variant="light" leftSection={<IconTimeline size={14} />}>
            Trace {traceId.slice(0, 8)}
          </LinkButton>
        )}
        {onContext && (
          <Button variant="default" leftSection={<IconArrowsVertical size={14} />} onClick={onContext}>
            Surrounding lines
          </Button>
        )}
        {actions}
        <CopyButton value={row.line}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />} onClick={copy}>
              {copied ? 'Copied' : 'Copy line'}
            </Button>
          )}
        </CopyButton>
        <span className="faint num" style={{ alignSelf: 'center', marginLeft: 'auto', fontSize: 12 }}>
          {formatDateTime(row.ms, true)} · {row.ts} ns
        </span>
      </div>
      <pre className={classes.pretty}>{json === undefined ? row.line : JSON.stringify(json, null, 2)}</pre>
      <table className={classes.fields}>
        <colgroup>
          <col className={classes.toolColumn} />
          <col className={classes.nameColumn} />
          <col />
        </colgroup>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group}>
              <tr className={classes.group}>
                <td colSpan={3}>{groupTitles[group]}</td>
              </tr>
              {fields
                .filter((field) => field.source === group)
                .map((field) => (
                  <FieldRow key={field.name} field={field} onFilter={onFilter} onColumn={onColumn} />
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FieldRow({ field, onFilter, onColumn }: { field: Field } & Pick<LogDetailsProps, 'onFilter' | 'onColumn'>) {
  return (
    <tr>
      <td>
        {onFilter && (
          <>
            <Tooltip label="Only rows with this value">
              <ActionIcon variant="subtle" size={22} aria-label={`Only rows where ${field.name} is ${field.value}`} onClick={() => onFilter(field, '=')}>
                <IconZoomIn size={14} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="No rows with this value">
              <ActionIcon variant="subtle" size={22} aria-label={`No rows where ${field.name} is ${field.value}`} onClick={() => onFilter(field, '!=')}>
                <IconZoomOut size={14} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
        {onColumn && (
          <Tooltip label="As a column">
            <ActionIcon variant="subtle" color="gray" size={22} aria-label={`Column ${field.name}`} onClick={() => onColumn(field.name)}>
              <IconColumnInsertRight size={14} />
            </ActionIcon>
          </Tooltip>
        )}
        <CopyButton value={field.value}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" color="gray" size={22} aria-label={`Copy ${field.name}`} onClick={copy}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          )}
        </CopyButton>
      </td>
      <td title={field.name}>{field.name}</td>
      <td>{field.value}</td>
    </tr>
  );
}
