import { Page } from '@/components/Page';
export function ExplorePage() {
  return <Page title="ExplorePage" timeRange>soon</Page>;
}
