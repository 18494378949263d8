import type { dashboardSearch } from '@/features/dashboards/dashboardSearch';
import type { SetOptions } from '@/lib/useSearchState';

export type DashboardSearch = ReturnType<typeof dashboardSearch.parse>;
export type SetDashboardSearch = (change: Partial<DashboardSearch>, options?: SetOptions) => void;
