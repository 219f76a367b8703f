import { type ChartPlan, createChart } from './chart.ts';
import { valuesOf } from './shape.ts';
import type { FleetAnswer } from './told.ts';
import { numberText } from './words.ts';

type Step = FleetAnswer['course'][number];

const plans: readonly ChartPlan<Step>[] = [
  {
    title: 'CPU of the fleet',
    about: 'CPUs in use by owners and by pilots, and idle ones, on each other',
    lines: [
      { label: 'owners', colour: 'owner', as: 'area', at: ({ ownerCpus }) => ownerCpus },
      { label: 'pilots', colour: 'pilots', as: 'area', at: ({ pilotsCpus }) => pilotsCpus },
      {
        label: 'idle',
        colour: 'idle',
        as: 'area',
        at: ({ cpus, ownerCpus, pilotsCpus }) =>
          cpus === null || ownerCpus === null || pilotsCpus === null
            ? null
            : Math.max(0, cpus - ownerCpus - pilotsCpus),
      },
    ],
    text: numberText,
    top: (most) => Math.max(1, most),
  },
  {
    title: 'Nodes and pilots',
    about: 'nodes that report, and pilots that run on them',
    lines: [
      { label: 'nodes', colour: 'limit', as: 'line', dash: [6, 4], at: ({ nodes }) => nodes },
      { label: 'pilots', colour: 'pilots', as: 'line', at: ({ running }) => running },
    ],
    text: numberText,
    top: (most) => Math.max(1, most * 1.1),
  },
];

/** The charts of the fleet’s last 24 hours. */
export function createFleetCharts(): {
  readonly figures: readonly HTMLElement[];
  show(answer: FleetAnswer): void;
} {
  const charts = plans.map((plan) => createChart(plan));
  return {
    figures: charts.map(({ figure }) => figure),
    show({ course, askedMs }) {
      const seconds = course.map(({ fromMs }) => fromMs / 1000);
      const until = askedMs / 1000;
      for (const [index, { lines }] of plans.entries())
        charts[index]?.show(valuesOf(lines, seconds, course), until - 86_400, until);
    },
  };
}
