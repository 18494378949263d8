import type { Field } from '@grafana/data';
import { isSafeUrl } from '@/lib/safeUrl';

/** The links that a value leads to, as the field's configuration gives them; nothing when there are none. */
export function DataLinks({ field, row, className }: { field: Field; row: number; className?: string }) {
  const links = (field.getLinks?.({ valueRowIndex: row }) ?? []).filter((link) => isSafeUrl(link.href));
  if (links.length === 0) return null;
  return (
    <span className={className}>
      {links.map((link) => (
        <a key={`${link.title}\n${link.href}`} href={link.href} target={link.target ?? '_self'} rel="noreferrer">
          {link.title || link.href}
        </a>
      ))}
    </span>
  );
}
