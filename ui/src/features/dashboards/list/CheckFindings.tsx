import { useState } from 'react';
import type { CheckedDashboard, Finding } from '@/api/dashboardCheck';
import classes from '../DashboardsPage.module.css';

const shown = 4;

/** What of a dashboard would not render here, and what to do about it; the rest on a click. */
export function CheckFindings({ report }: { report: CheckedDashboard }) {
  const [all, setAll] = useState(false);
  const findings = grouped(report.findings ?? []);
  return (
    <>
      {report.error !== undefined && <span className={classes.findings} style={{ color: 'var(--bad)' }}>{report.error}</span>}
      {report.existing !== undefined && <span className={classes.findings}>The uid {report.uid} is that of “{report.existing}”.</span>}
      {findings.slice(0, all ? undefined : shown).map(({ finding, text, count }) => (
        <span key={`${finding.level} ${text}`} className={classes.findings} title={[finding.why, finding.do].filter(Boolean).join('. ')}>
          <FindingLevel level={finding.level} /> {text}
          {count > 1 && ` (${count}×)`}
          {finding.do !== undefined && finding.do !== '' && <span className="faint"> · {finding.do}</span>}
        </span>
      ))}
      {findings.length > shown && (
        <button type="button" className={classes.moreFindings} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show ${findings.length - shown} more`}
        </button>
      )}
    </>
  );
}

const levels: Record<Finding['level'], { label: string; color: string }> = {
  panel: { label: 'Not drawn:', color: 'var(--bad)' },
  feature: { label: 'Left out:', color: 'var(--warn)' },
  note: { label: 'Note:', color: 'var(--text-dim)' },
};

function FindingLevel({ level }: { level: Finding['level'] }) {
  return <strong style={{ color: levels[level].color, fontWeight: 600 }}>{levels[level].label}</strong>;
}

/** Equal findings of several panels are one line; what is not drawn comes first. */
export function grouped(findings: readonly Finding[]): { finding: Finding; text: string; count: number }[] {
  const order: Finding['level'][] = ['panel', 'feature', 'note'];
  const out = new Map<string, { finding: Finding; text: string; count: number; titles: string[] }>();
  for (const finding of findings) {
    const key = `${finding.level} ${finding.what}`;
    const found = out.get(key) ?? { finding, text: '', count: 0, titles: [] };
    found.count++;
    if (finding.title !== undefined && finding.title !== '') found.titles.push(finding.title);
    out.set(key, found);
  }
  return [...out.values()]
    .map(({ finding, count, titles }) => ({ finding, count, text: count === 1 && titles[0] !== undefined ? `${titles[0]}: ${finding.what}` : finding.what }))
    .sort((a, b) => order.indexOf(a.finding.level) - order.indexOf(b.finding.level));
}
