import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { ExportMenuProps } from './ExportMenu';

const Menu = lazy(async () => ({ default: (await import('./ExportMenu')).ExportMenu }));

/** Opens the choice of how the lines are taken; it is loaded with the first click. */
export function ExportButton(props: ExportMenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <Button variant="subtle" color="gray" leftSection={<IconDownload size={14} />} onClick={() => setWanted(true)}>
      Export
    </Button>
  );
  return wanted ? (
    <Suspense fallback={button}>
      <Menu {...props} />
    </Suspense>
  ) : (
    button
  );
}
