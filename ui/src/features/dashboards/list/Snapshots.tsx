import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { deleteSnapshot, listSnapshots } from '@/api/sharing';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { LinkButton } from '@/components/LinkButton';
import { QueryView } from '@/components/QueryView';
import { failed } from '@/features/dashboards/failed';
import { formatDateTime } from '@/lib/timeRange';
import classes from '../DashboardsPage.module.css';

/** Dashboards frozen with their data. */
export function Snapshots({ canEdit }: { canEdit: boolean }) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['snapshots'], queryFn: ({ signal }) => listSnapshots(signal) });
  const remove = useMutation({ mutationFn: deleteSnapshot, onSettled: () => client.invalidateQueries({ queryKey: ['snapshots'] }), onError: failed('The snapshot could not be deleted') });
  return (
    <QueryView query={query} errorTitle="The snapshots could not be loaded" isEmpty={(data) => data.length === 0} empty={<EmptyState title="No snapshots" action={<LinkButton variant="default" place={{ to: '/dashboards', search: {} }}>Choose a dashboard</LinkButton>}>A snapshot freezes a dashboard with its data. It is made in the dashboard’s Share dialog.</EmptyState>}>
      {(snapshots) => (
        <div className={classes.tableHolder}>
          <table className={`${classes.table} ${classes.cards}`}>
            <thead>
              <tr>
                <th>Snapshot</th>
                <th>Taken</th>
                <th>Ends</th>
                {canEdit && <th aria-label="Actions" />}
              </tr>
            </thead>
            <tbody>
              {snapshots.map((one) => (
                <tr key={one.key}>
                  <td>
                    <a href={one.path}>{one.name}</a>
                  </td>
                  <td data-label="Taken">{one.created === undefined ? '' : <span><Age at={one.created} /> ago</span>}</td>
                  <td className="num" data-label="Ends">{one.expires === undefined || one.expires === '' || one.expires.startsWith('0001') ? 'never' : formatDateTime(Date.parse(one.expires)).slice(0, 16)}</td>
                  {canEdit && (
                    <td>
                      <Button variant="subtle" color="red" size="compact-xs" loading={remove.isPending && remove.variables === one.key} onClick={() => window.confirm(`Delete the snapshot “${one.name}”?`) && remove.mutate(one.key)}>
                        Delete
                      </Button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </QueryView>
  );
}
