import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listReports } from '@/api/reports';
import { QueryView } from '@/components/QueryView';
import type { Variable } from '@/features/dashboards/model/variables';
import { ReportForm } from '@/features/dashboards/share/ReportForm';
import { chosenOf } from '@/features/dashboards/share/chosen';
import type { TimeRange } from '@/lib/timeRange';

interface ReportModalProps {
  uid: string;
  title: string;
  range: TimeRange;
  variables: readonly Variable[];
  onClose: () => void;
}

/** Makes a report of this dashboard, or edits the first that there is. */
export function ReportModal({ uid, title, range, variables, onClose }: ReportModalProps) {
  const query = useQuery({ queryKey: ['reports'], queryFn: ({ signal }) => listReports(signal) });
  return (
    <Modal opened onClose={onClose} title={`Report of ${title}`} size="lg">
      <QueryView query={query} errorTitle="The reports could not be loaded" isEmpty={() => false} empty={null}>
        {(reports) => {
          const existing = reports.filter((one) => one.dashboard_uid === uid);
          return (
            <>
              {existing.length > 0 && (
                <p className="dim" style={{ marginTop: 0 }}>
                  This dashboard has {existing.length === 1 ? 'one report' : `${existing.length} reports`} already: {existing.map((one) => one.name).join(', ')}. Dashboards ▸ Reports lists them.
                </p>
              )}
              <ReportForm initial={{ name: title, dashboard_uid: uid, format: 'pdf', schedule: '0 8 * * 1', timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, recipients: [], time: range, variables: stripped(chosenOf(variables)), enabled: true }} onClose={onClose} />
            </>
          );
        }}
      </QueryView>
    </Modal>
  );
}

/** A report keeps plain names: "job", not "var-job". */
function stripped(chosen: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(chosen).map(([key, values]) => [key.replace(/^var-/, ''), values]));
}
