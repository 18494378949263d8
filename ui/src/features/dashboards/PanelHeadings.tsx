import { HoverCard, Menu } from '@mantine/core';
import { IconExternalLink, IconInfoCircle } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { type LinkFacts, linkHref } from '@/features/dashboards/model/links';
import type { LinkJson } from '@/features/dashboards/model/types';
import { interpolate } from '@/features/dashboards/model/variables';
import { isSafeUrl } from '@/lib/safeUrl';
import classes from './panels/heading.module.css';

const RichText = lazy(() => import('@/components/richtext/RichText'));

/** A panel's description: markdown, shown on hover, on focus and on click. */
export function PanelDescription({ text }: { text: string }) {
  return (
    <HoverCard width={340} shadow="md" withinPortal openDelay={200} position="bottom-start">
      <HoverCard.Target>
        <button type="button" className={classes.info} aria-label={`About this panel: ${text.slice(0, 200)}`}>
          <IconInfoCircle size={13} />
        </button>
      </HoverCard.Target>
      <HoverCard.Dropdown className={classes.description}>
        <Suspense fallback={text}>
          <RichText text={text} className={classes.descriptionText ?? ''} />
        </Suspense>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}

/** A panel's links with their variables replaced; those that lead nowhere safe are left out. */
export function usableLinks(links: readonly LinkJson[], facts: LinkFacts) {
  return links.flatMap((link) => {
    const href = linkHref(link, facts);
    return href === undefined || !isSafeUrl(href) ? [] : [{ title: interpolate(link.title ?? '', facts.variables, facts.scope), href, blank: link.targetBlank === true }];
  });
}

/** A panel's links: one alone is a link, several are a list. */
export function PanelLinks({ links, facts }: { links: readonly LinkJson[]; facts: LinkFacts }) {
  const usable = usableLinks(links, facts);
  const [first] = usable;
  if (first === undefined) return null;
  if (usable.length === 1) {
    return (
      <a className={classes.link} href={first.href} title={first.title || first.href} aria-label={first.title || first.href} {...target(first.blank)}>
        <IconExternalLink size={13} />
      </a>
    );
  }
  return (
    <Menu shadow="md" position="bottom-start" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.link} aria-label={`${usable.length} links of this panel`}>
          <IconExternalLink size={13} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {usable.map((link, index) => (
          <Menu.Item key={index} component="a" href={link.href} {...target(link.blank)}>
            {link.title || link.href}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function target(blank: boolean): { target?: string; rel?: string } {
  return blank ? { target: '_blank', rel: 'noopener noreferrer' } : {};
}
