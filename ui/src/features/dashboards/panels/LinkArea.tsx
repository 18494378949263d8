import { Menu } from '@mantine/core';
import type { LinkModel } from '@grafana/data';
import type { CSSProperties, ReactNode } from 'react';
import { isSafeUrl } from '@/lib/safeUrl';

interface LinkAreaProps {
  links: readonly LinkModel[];
  /** What it is, for screen readers. */
  label: string;
  className: string;
  style?: CSSProperties;
  data?: Record<`data-${string}`, unknown>;
  children: ReactNode;
}

/** A drawing that is a link when it has one data link, a list of them when it has several, and plain otherwise. */
export function LinkArea({ links, label, className, style, data = {}, children }: LinkAreaProps) {
  const usable = links.filter((link) => isSafeUrl(link.href));
  const [first] = usable;
  if (first === undefined) {
    return (
      <div className={className} style={style} {...data}>
        {children}
      </div>
    );
  }
  if (usable.length === 1) {
    return (
      <a className={className} style={style} href={first.href} target={first.target ?? '_self'} rel="noreferrer" aria-label={`${label}. ${first.title}`} title={first.title} {...data}>
        {children}
      </a>
    );
  }
  return (
    <Menu shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className={className} style={{ ...style, cursor: 'pointer' }} aria-label={`${label}. ${usable.length} links`} {...data}>
          {children}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {usable.map((link) => (
          <Menu.Item key={`${link.title}\n${link.href}`} component="a" href={link.href} target={link.target ?? '_self'} rel="noreferrer">
            {link.title || link.href}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
