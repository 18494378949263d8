import { useQuery } from '@tanstack/react-query';
import { explain } from '@/api/explore';
import { EmptyState } from '@/components/EmptyState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import classes from './ExplainPanel.module.css';

interface ExplainPanelProps {
  language: 'promql' | 'logql';
  query: string;
}

/** A query in words, part by part from the innermost out, and what is usually a mistake in it. */
export function ExplainPanel({ language, query }: ExplainPanelProps) {
  const explained = useQuery({ queryKey: ['explain', language, query], queryFn: ({ signal }) => explain(language, query, signal), staleTime: 300_000 });
  return (
    <Panel title="In words">
      <QueryView query={explained} errorTitle="The query could not be explained" isEmpty={() => false} empty={<EmptyState title="Nothing to explain" />}>
        {(answer) =>
          answer.error !== undefined ? (
            <div className={classes.warning} role="alert">
              <b>{answer.error.message}</b>
              {answer.error.line > 0 && (
                <span className="faint num">
                  {' '}
                  line {answer.error.line}, column {answer.error.column}
                </span>
              )}
              {answer.error.hint !== '' && <div className="dim">{answer.error.hint}</div>}
            </div>
          ) : (
            <>
              <p className={classes.summary}>{answer.summary}</p>
              {answer.warnings.map((warning) => (
                <div key={`${warning.code}/${warning.text ?? ''}`} className={classes.warning} role="status">
                  <b>{warning.message}</b>
                  {warning.hint !== undefined && <div className="dim">{warning.hint}</div>}
                </div>
              ))}
              <ol className={classes.parts}>
                {answer.parts.map((part, index) => (
                  <li key={index} style={{ marginLeft: Math.min(part.depth, 8) * 14 }}>
                    <code>{part.text}</code>
                    <span>{part.words}</span>
                  </li>
                ))}
              </ol>
            </>
          )
        }
      </QueryView>
    </Panel>
  );
}
