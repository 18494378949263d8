import { QueryEditor } from '@/components/editor/QueryEditor';
import { useCommitted } from '@/features/dashboards/edit/panel/useCommitted';

interface CodeFieldProps {
  language: 'promql' | 'logql' | 'traceql' | 'lucene';
  value: string;
  label: string;
  placeholder: string;
  range: { from: number; to: number };
  /** The path before the server's API: that of an outside data source. */
  base?: string;
  onCommit: (text: string) => void;
}

/** The query's text. It is run by Enter, and when the reader goes elsewhere. */
export function CodeField({ language, value, label, placeholder, range, base = '', onCommit }: CodeFieldProps) {
  const { text, setText, commit } = useCommitted(value, onCommit);
  return (
    <div onBlur={() => commit()} style={{ display: 'flex', minWidth: 0 }}>
      <QueryEditor language={language} label={label} placeholder={placeholder} value={text} labelRange={range} base={base} onChange={setText} onRun={commit} />
    </div>
  );
}
