import { Button, CopyButton } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMemo } from 'react';
import { download, fileName } from '@/features/dashboards/inspect/csv';
import type { PanelJson } from '@/features/dashboards/model/types';
import classes from './inspect.module.css';

/** A panel in Grafana's JSON. */
export function InspectJson({ title, panel }: { title: string; panel: PanelJson }) {
  const text = useMemo(() => JSON.stringify(panel, null, 2), [panel]);
  return (
    <div className={classes.data}>
      <div className={classes.tools}>
        <span className="dim">Can be pasted into Grafana</span>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => download(fileName(title, 'json'), text, 'application/json')}>
          Download
        </Button>
      </div>
      <pre className={`${classes.text} ${classes.json}`} tabIndex={0}>
        {text}
      </pre>
    </div>
  );
}
