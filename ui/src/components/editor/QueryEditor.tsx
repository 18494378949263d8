import { lazy, Suspense } from 'react';
import classes from './QueryEditor.module.css';

export interface QueryEditorProps {
  language: 'promql' | 'logql' | 'traceql' | 'lucene';
  value: string;
  onChange: (value: string) => void;
  /** Called with the text when the reader runs the query. */
  onRun: (value: string) => void;
  /** For screen readers: "PromQL query A". */
  label: string;
  placeholder?: string;
  /** The range (ms) that label names and values are completed from. */
  labelRange?: { from: number; to: number };
  /** The path before the server's API that traceql and lucene are completed from: that of an outside data source. */
  base?: string;
  /** The editor that "/" focuses. */
  primary?: boolean;
}

const CodeEditor = lazy(async () => ({ default: (await import('@/components/editor/CodeEditor')).CodeEditor }));

/** A query editor; a plain text field until the real one is loaded, so that typing never waits. */
export function QueryEditor(props: QueryEditorProps) {
  const { value, onChange, onRun, label, placeholder, primary } = props;
  return (
    <div className={classes.editor} data-shortcut={primary === true ? 'query' : undefined}>
      <Suspense
        fallback={
          <textarea
            className={classes.plain}
            aria-label={label}
            placeholder={placeholder}
            value={value}
            rows={value.split('\n').length}
            spellCheck={false}
            onChange={(event) => onChange(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey) return;
              event.preventDefault();
              onRun(event.currentTarget.value);
            }}
          />
        }
      >
        <CodeEditor {...props} />
      </Suspense>
    </div>
  );
}
