import { multiSearch, throwFailure } from '@/api/elastic';
import { aggregationFrames } from '@/features/dashboards/data/elastic/aggregations';
import { defaultIndex } from '@/features/dashboards/data/elastic/annotations';
import { logDocuments, rawData, rawDocuments } from '@/features/dashboards/data/elastic/documents';
import { searchBody } from '@/features/dashboards/data/elastic/request';
import { documentTypes, elasticTarget } from '@/features/dashboards/data/elastic/types';
import type { PanelData, PlannedQuery } from '@/features/dashboards/data/plan';
import { sourceBase } from '@/features/dashboards/data/sourceBase';
import { refusedQuery } from '@/features/dashboards/support';

/** A query of Grafana's Elasticsearch or OpenSearch data source. */
export async function runElastic(query: PlannedQuery, signal: AbortSignal): Promise<PanelData> {
  refuseOthers(query);
  const target = elasticTarget({ ...query.target, alias: query.target['alias'] });
  const body = searchBody(target, { query: query.expr, from: Math.floor(query.from), to: Math.ceil(query.to), step: query.step });
  const [answer] = await multiSearch([{ index: defaultIndex, body }], signal, sourceBase(query.datasource));
  if (answer === undefined) return { frames: [], warnings: [] };
  throwFailure(answer);
  const warnings = answer.timed_out === true ? ['The search took too long: what is shown is a part of the answer'] : [];
  const documents = target.metrics.find((one) => documentTypes.includes(one.type));
  const hits = answer.hits?.hits ?? [];
  switch (documents?.type) {
    case 'raw_data':
      return { frames: rawData(query.refId, hits, target.timeField), warnings };
    case 'raw_document':
      return { frames: rawDocuments(query.refId, hits), warnings };
    case 'logs':
      return { frames: logDocuments(query.refId, hits, target.timeField), warnings };
    default:
      return { frames: aggregationFrames(query.refId, target, answer.aggregations ?? {}, query.step), warnings };
  }
}

/** Languages of OpenSearch that are not Lucene. */
function refuseOthers({ target, refId, expr }: PlannedQuery): void {
  const language = target.queryType;
  if (language === 'PPL' || target.format === 'PPL' || /^\s*(search\s+)?source\s*=[^|]+\|/.test(expr)) throw new Error(`Query ${refId} is not supported. ${refusedQuery('elasticsearch', 'PPL')}`);
  if (language === 'esql' || target['editorType'] === 'code') throw new Error(`Query ${refId} is not supported. ${refusedQuery('elasticsearch', language === 'esql' ? 'esql' : 'dsl')}`);
  if (target['luceneQueryType'] === 'Traces') throw new Error(`Query ${refId} asks OpenSearch for traces, which is not supported: use a Tempo or Jaeger data source`);
}
