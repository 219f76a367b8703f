import { dashboardOf } from './build.ts';
import { fleetCourse } from './fleetCourse.ts';
import { fleetLives } from './fleetLives.ts';
import { fleetNodes } from './fleetNodes.ts';
import { fleetNow } from './fleetNow.ts';
import { nodeDaemon } from './nodeDaemon.ts';
import { nodeLives } from './nodeLives.ts';
import { nodeNow } from './nodeNow.ts';
import { nodePilots } from './nodePilots.ts';
import { nodeResources } from './nodeResources.ts';
import type { DashboardPlan } from './plan.ts';
import { variablesOfFleet, variablesOfNode } from './variables.ts';

const plans: readonly DashboardPlan[] = [
  {
    name: 'node',
    title: 'one node',
    help: 'What one node does and did: its owner, its pilots, its engine, its daemon.',
    variables: variablesOfNode,
    rows: [nodeNow, nodeResources, nodePilots, nodeLives, nodeDaemon],
    mostPoints: 400,
    span: '24h',
    refresh: '1m',
  },
  {
    name: 'fleet',
    title: 'the fleet',
    help: 'What all nodes do and did together, and which of them to look at.',
    variables: variablesOfFleet,
    rows: [fleetNow, fleetCourse, fleetLives, fleetNodes],
    mostPoints: 120,
    span: '6h',
    refresh: '5m',
  },
];

/** The text of each file of `monitoring/grafana/dashboards`, by its name. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    plans.flatMap((plan) =>
      (['influxdb', 'prometheus'] as const).map((database) => [
        `${plan.name}-${database}.json`,
        `${JSON.stringify(dashboardOf(plan, database), null, 2)}\n`,
      ]),
    ),
  );
}
