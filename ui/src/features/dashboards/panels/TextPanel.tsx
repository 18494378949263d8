import { renderTextPanelMarkdown, textUtil } from '@grafana/data';
import { useMemo } from 'react';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './panels.module.css';

/** Markdown, HTML or code of the dashboard's author, sanitised. */
export function TextPanel({ panel, replace }: Pick<PanelProps, 'panel' | 'replace'>) {
  const mode = option(panel.options, 'mode', 'markdown');
  const content = replace(option(panel.options, 'content', ''));
  const html = useMemo(() => (mode === 'code' ? '' : mode === 'html' ? textUtil.sanitize(content) : renderTextPanelMarkdown(content)), [mode, content]);
  if (mode === 'code') {
    return (
      <div className={classes.text}>
        <pre>{content}</pre>
      </div>
    );
  }
  // Both ways through DOMPurify: scripts, handlers and foreign protocols are gone.
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}
