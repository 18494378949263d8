import { Button } from '@mantine/core';
import { IconLayoutGridAdd } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

export interface AddToDashboardProps {
  kind: 'prometheus' | 'loki';
  expr: string;
}

const Form = lazy(async () => ({ default: (await import('./AddToDashboardModal')).AddToDashboardModal }));

/** Makes a panel of a query, in a dashboard that there is or in a new one. */
export function AddToDashboard(props: AddToDashboardProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="subtle" color="gray" leftSection={<IconLayoutGridAdd size={14} />} onClick={() => setOpen(true)}>
        Add to dashboard
      </Button>
      {open && (
        <Suspense fallback={null}>
          <Form {...props} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
