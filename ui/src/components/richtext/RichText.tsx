import { useMemo } from 'react';
import { markdownToHtml, safeHtml } from '@/components/richtext/safeHtml';
import classes from './RichText.module.css';

interface RichTextProps {
  text: string;
  format?: 'markdown' | 'html';
  className?: string;
}

/** Markdown or HTML that someone wrote, sanitised. Loaded lazily: it brings a parser. */
export default function RichText({ text, format = 'markdown', className }: RichTextProps) {
  const html = useMemo(() => (format === 'html' ? safeHtml(text) : markdownToHtml(text)), [text, format]);
  return <div className={className === undefined ? classes.text : `${classes.text} ${className}`} dangerouslySetInnerHTML={{ __html: html }} />;
}
