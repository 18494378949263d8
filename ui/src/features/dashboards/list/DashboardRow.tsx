import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { DashboardSummary } from '@/api/dashboards';
import { StarButton } from '@/features/dashboards/StarButton';
import classes from '../DashboardsPage.module.css';

interface DashboardRowProps {
  dashboard: DashboardSummary;
  canEdit: boolean;
  chosen?: boolean;
  onChoose?: (on: boolean) => void;
  withFolder?: boolean;
}

/** A dashboard in a list: its star, title, text and tags. */
export function DashboardRow({ dashboard, canEdit, chosen = false, onChoose, withFolder = false }: DashboardRowProps) {
  return (
    <li className={classes.listRow} data-chosen={chosen}>
      {onChoose !== undefined && canEdit && <Checkbox size="xs" className={classes.check} aria-label={`Choose ${dashboard.title}`} checked={chosen} onChange={(event) => onChoose(event.currentTarget.checked)} />}
      <StarButton uid={dashboard.uid} starred={dashboard.starred ?? false} className={classes.star} />
      <Link to={'/dashboards/$uid' as string} params={{ uid: dashboard.uid } as never} search={{} as never} className={classes.rowLink}>
        <span className={classes.cardTitle}>{dashboard.title}</span>
        {dashboard.description !== undefined && dashboard.description !== '' && <span className={classes.rowText}>{dashboard.description}</span>}
      </Link>
      <span className={classes.rowTags}>
        {withFolder && <span className="dim">{dashboard.folder.title || 'General'}</span>}
        {!withFolder &&
          dashboard.tags.map((tag) => (
            <span key={tag} className={classes.cardTag}>
              {tag}
            </span>
          ))}
        {!withFolder && dashboard.provisioned && <span className="faint" title="Provisioned from a file of the server">from a file{(dashboard.version ?? 0) > 0 ? ', changed' : ''}</span>}
      </span>
    </li>
  );
}
