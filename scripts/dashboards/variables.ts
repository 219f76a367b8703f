import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { sourceOf } from './build.ts';
import type { Database } from './plan.ts';

type Queries = Readonly<Record<Database, string>>;

/** What is chosen at the top of the dashboard of one node. */
export function variablesOfNode(database: Database): readonly Builder<VariableModel>[] {
  return [
    source(database),
    ...job(database),
    query(database, 'node', 'Node', nodes),
    severalOf(query(database, 'kind', 'Kinds', kindsOfNode)),
  ];
}

/** What is chosen at the top of the dashboard of the fleet. */
export function variablesOfFleet(database: Database): readonly Builder<VariableModel>[] {
  return [
    source(database),
    ...job(database),
    severalOf(query(database, 'node', 'Nodes', nodes)),
    severalOf(query(database, 'kind', 'Kinds', kinds)),
    ...(database === 'influxdb' ? [silence()] : []),
  ];
}

const nodes: Queries = {
  influxdb: 'SHOW TAG VALUES FROM "daemon" WITH KEY = "hostname"',
  prometheus: 'label_values(plancton_build_info{job="$job"}, instance)',
};
const kinds: Queries = {
  influxdb: 'SHOW TAG VALUES FROM "pilots" WITH KEY = "kind"',
  prometheus: 'label_values(plancton_pilots{job="$job"}, kind)',
};
const kindsOfNode: Queries = {
  influxdb: `${kinds.influxdb} WHERE "hostname" = '$node'`,
  prometheus: 'label_values(plancton_pilots{job="$job", instance="$node"}, kind)',
};

function source(database: Database): Builder<VariableModel> {
  return new DatasourceVariableBuilder('source').label('Database').type(database);
}

/** How Prometheus calls the job that scrapes the nodes. */
function job(database: Database): readonly Builder<VariableModel>[] {
  if (database !== 'prometheus') return [];
  return [
    query(database, 'job', 'Job', {
      influxdb: '',
      prometheus: 'label_values(plancton_build_info, job)',
    }),
  ];
}

function query(database: Database, name: string, label: string, queries: Queries): QueryVariableBuilder {
  const text = queries[database];
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(sourceOf(database))
    .query(text)
    .definition(text)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}

/** All of them, at first: by an expression that costs the same for one node and for a thousand. */
function severalOf(variable: QueryVariableBuilder): QueryVariableBuilder {
  return variable
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all', selected: true });
}

/** InfluxDB knows of no node that it has ended: one that has told nothing for so long is silent. */
function silence(): Builder<VariableModel> {
  const spans = ['2m', '5m', '15m', '1h', '6h'];
  return new CustomVariableBuilder('silence')
    .label('Silent after')
    .values(spans.join(','))
    .options(spans.map((span) => ({ text: span, value: span, selected: span === '5m' })))
    .current({ text: '5m', value: '5m', selected: true });
}
