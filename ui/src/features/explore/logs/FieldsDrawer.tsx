import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';

/** The fields over the lines, where there is no room beside them. */
export function FieldsDrawer({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <Drawer opened onClose={onClose} position="left" size="min(340px, 92vw)" title="Fields">
      {children}
    </Drawer>
  );
}
