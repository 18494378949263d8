import { Menu } from '@mantine/core';
import { IconChevronDown, IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { listDashboards } from '@/api/dashboards';
import type { LinkJson } from '@/features/dashboards/model/types';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
import { stringifySearch } from '@/lib/search';
import type { TimeRange } from '@/lib/timeRange';
import classes from './DashboardPage.module.css';

interface DashboardLinksProps {
  links: readonly LinkJson[];
  current: string;
  range: TimeRange;
  variables: readonly Variable[];
}

/** The dashboard's links: other dashboards by tag, and addresses. */
export function DashboardLinks({ links, current, range, variables }: DashboardLinksProps) {
  const byTag = links.some((link) => link.type === 'dashboards');
  const query = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal), enabled: byTag, staleTime: 30_000 });
  if (links.length === 0) return null;
  const search = (link: LinkJson) => (link.keepTime === true ? { from: range.from, to: range.to } : {});
  return (
    <nav className={classes.links} aria-label="Related dashboards">
      {links.map((link, index) => {
        if (link.type === 'link') {
          const href = safeHref(interpolate(link.url ?? '', variables));
          if (href === undefined) return null;
          return (
            <a key={index} href={href} className={classes.link} {...(link.targetBlank === true ? { target: '_blank', rel: 'noreferrer' } : {})}>
              <IconExternalLink size={13} /> {link.title}
            </a>
          );
        }
        const found = (query.data?.dashboards ?? []).filter((one) => (link.tags ?? []).every((tag) => one.tags.includes(tag)));
        if (link.asDropdown === true) {
          return (
            <Menu key={index} shadow="md" position="bottom-end">
              <Menu.Target>
                <button type="button" className={classes.link}>
                  {link.title} <IconChevronDown size={13} />
                </button>
              </Menu.Target>
              <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
                {found.map((one) => (
                  <Menu.Item key={one.uid} component={Link} to={`/dashboards/${encodeURIComponent(one.uid)}${stringifySearch(search(link))}` as never}>
                    {one.title}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          );
        }
        return found.map((one) => (
          <Link key={`${index}/${one.uid}`} to={'/dashboards/$uid' as string} params={{ uid: one.uid } as never} search={search(link) as never} className={classes.link} data-current={one.uid === current} aria-current={one.uid === current ? 'page' : undefined}>
            {one.title}
          </Link>
        ));
      })}
    </nav>
  );
}

/** Only web addresses and paths of our own: a dashboard's file must not smuggle in a script. */
export function safeHref(url: string): string | undefined {
  return /^(https?:\/\/|\/(?!\/))/i.test(url) ? url : undefined;
}
