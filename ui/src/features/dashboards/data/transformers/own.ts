import { configFromData, rowsToFields } from '@/features/dashboards/data/transformers/fieldConfigRows';
import { extractFields } from '@/features/dashboards/data/transformers/extractFields';
import { fieldLookup } from '@/features/dashboards/data/transformers/fieldLookup';
import { heatmap } from '@/features/dashboards/data/transformers/heatmap';
import { joinByLabels } from '@/features/dashboards/data/transformers/joinByLabels';
import { partitionByValues } from '@/features/dashboards/data/transformers/partitionByValues';
import { prepareTimeSeries } from '@/features/dashboards/data/transformers/prepareTimeSeries';
import { regression } from '@/features/dashboards/data/transformers/regression';
import { smoothing } from '@/features/dashboards/data/transformers/smoothing';
import { timeSeriesTable } from '@/features/dashboards/data/transformers/timeSeriesTable';
import type { Transformer } from '@/features/dashboards/data/transformers/types';

/** The transformations that Grafana keeps in its application, by its ids. */
export const ownTransformers: Readonly<Record<string, Transformer>> = { configFromData, extractFields, fieldLookup, heatmap, joinByLabels, partitionByValues, prepareTimeSeries, regression, rowsToFields, smoothing, timeSeriesTable };
