import { Menu } from '@mantine/core';
import { IconChevronDown, IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type DashboardSummary, listDashboards } from '@/api/dashboards';
import { appHref } from '@/features/dashboards/model/href';
import { linkHref, linkParams, withParams } from '@/features/dashboards/model/links';
import type { LinkJson } from '@/features/dashboards/model/types';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
import type { TimeRange } from '@/lib/timeRange';
import classes from './DashboardPage.module.css';

interface DashboardLinksProps {
  links: readonly LinkJson[];
  current: string;
  range: TimeRange;
  variables: readonly Variable[];
}

/** More dashboards of a tag than these are in the list of dashboards. */
const maxDashboards = 100;

/** The dashboard's links: other dashboards by tag, and addresses, with the time and the variables where they say so. */
export function DashboardLinks({ links, current, range, variables }: DashboardLinksProps) {
  const byTag = links.some((link) => link.type === 'dashboards');
  const query = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal), enabled: byTag, staleTime: 30_000 });
  if (links.length === 0) return null;
  const facts = { range, variables };
  return (
    <nav className={classes.links} aria-label="Related dashboards">
      {links.map((link, index) => {
        if (link.type !== 'dashboards') return <AddressLink key={index} link={link} href={linkHref(link, facts)} title={interpolate(link.title ?? '', variables)} />;
        const found = (query.data?.dashboards ?? []).filter((one) => (link.tags ?? []).every((tag) => one.tags.includes(tag))).slice(0, maxDashboards);
        const to = (one: DashboardSummary) => withParams(`/dashboards/${encodeURIComponent(one.uid)}`, linkParams(link, facts));
        if (link.asDropdown === true) return <DashboardMenu key={index} link={link} found={found} to={to} />;
        return found.map((one) => (
          <Link key={`${index}/${one.uid}`} to={to(one) as string} className={classes.link} data-current={one.uid === current} aria-current={one.uid === current ? 'page' : undefined} {...newTab(link)}>
            {one.title}
          </Link>
        ));
      })}
    </nav>
  );
}

function newTab(link: LinkJson): { target?: string; rel?: string } {
  return link.targetBlank === true ? { target: '_blank', rel: 'noreferrer' } : {};
}

function AddressLink({ link, href, title }: { link: LinkJson; href: string | undefined; title: string }) {
  if (href === undefined) return null;
  return (
    <a href={href} className={classes.link} title={link.tooltip} {...newTab(link)}>
      <IconExternalLink size={13} /> {title === '' ? href : title}
    </a>
  );
}

function DashboardMenu({ link, found, to }: { link: LinkJson; found: readonly DashboardSummary[]; to: (one: DashboardSummary) => string }) {
  return (
    <Menu shadow="md" position="bottom-end">
      <Menu.Target>
        <button type="button" className={classes.link} title={link.tooltip}>
          {link.title === undefined || link.title === '' ? 'Dashboards' : link.title} <IconChevronDown size={13} />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
        {found.map((one) => (
          <Menu.Item key={one.uid} component={Link} to={to(one) as never} {...newTab(link)}>
            {one.title}
          </Menu.Item>
        ))}
        {found.length === 0 && <Menu.Label>No dashboard has the tags {(link.tags ?? []).join(', ')}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Only web addresses and paths of our own: a dashboard's file must not smuggle in a script. */
export function safeHref(url: string): string | undefined {
  return appHref(url);
}
