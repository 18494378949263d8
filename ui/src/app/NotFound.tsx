import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '@/components/EmptyState';
import { Logo } from '@/components/Logo';
import { Page } from '@/components/Page';

export function NotFound() {
  return (
    <Page title="Not found">
      <EmptyState
        icon={<Logo size={36} />}
        title="There is no page at this address"
        action={
          <Button component={Link} to="/">
            Go to Overview
          </Button>
        }
      >
        The link may be from another version of Pharos.
      </EmptyState>
    </Page>
  );
}
