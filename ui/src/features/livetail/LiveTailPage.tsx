import { Page } from '@/components/Page';
export function LiveTailPage() {
  return <Page title="LiveTailPage" timeRange>soon</Page>;
}
