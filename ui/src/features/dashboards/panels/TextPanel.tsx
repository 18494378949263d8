import { useMemo } from 'react';
import RichText from '@/components/richtext/RichText';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './text.module.css';

const maxCodeLines = 5000;

/** Markdown, HTML or code of the dashboard's author with variables, sanitised. */
export default function TextPanel({ panel, replace }: Pick<PanelProps, 'panel' | 'replace'>) {
  const mode = option(panel.options, 'mode', 'markdown');
  const content = replace(option(panel.options, 'content', ''));
  if (content.trim() === '') return <div className={classes.empty}>This text panel is empty</div>;
  if (mode === 'code') return <Code text={content} numbers={option(objectOption(panel.options, 'code'), 'showLineNumbers', false)} />;
  return (
    <div className={classes.text} tabIndex={0} role="group" aria-label={panel.title === undefined || panel.title === '' ? 'Text' : panel.title}>
      <RichText text={content} format={mode === 'html' ? 'html' : 'markdown'} />
    </div>
  );
}

function Code({ text, numbers }: { text: string; numbers: boolean }) {
  const lines = useMemo(() => text.split('\n', maxCodeLines), [text]);
  if (!numbers) return <pre className={classes.code} tabIndex={0}>{lines.join('\n')}</pre>;
  return (
    <pre className={classes.code} tabIndex={0}>
      {lines.map((line, index) => (
        <span key={index} className={classes.line}>
          <span className={classes.number} aria-hidden="true">
            {index + 1}
          </span>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
