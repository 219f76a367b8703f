import { bytesText, percentText } from '../decide/numbers.ts';
import { type ChartPlan, createChart } from './chart.ts';
import { type Moment, momentsOf, valuesOf } from './shape.ts';
import type { NodeFacts, RingSeries } from './told.ts';
import { numberText, roundBytesText } from './words.ts';

const less = (whole: number | null, ...parts: readonly (number | null)[]): number | null =>
  parts.reduce<number | null>(
    (rest, part) => (rest === null || part === null ? null : Math.max(0, rest - part)),
    whole,
  );

const plans: readonly ChartPlan<Moment>[] = [
  {
    title: 'CPU',
    about: 'CPUs in use by the owner and by pilots, and idle ones, on each other',
    lines: [
      { label: 'owner', colour: 'owner', as: 'area', at: ({ ownerCpus }) => ownerCpus },
      { label: 'pilots', colour: 'pilots', as: 'area', at: ({ pilotsCpus }) => pilotsCpus },
      {
        label: 'idle',
        colour: 'idle',
        as: 'area',
        at: ({ cpus, ownerCpus, pilotsCpus }) => less(cpus, ownerCpus, pilotsCpus),
      },
    ],
    text: numberText,
    top: (most) => Math.max(1, most),
  },
  {
    title: 'Memory',
    about: 'memory in use by the owner and by pilots, and what is free, on each other',
    lines: [
      { label: 'owner', colour: 'owner', as: 'area', at: (moment) => moment.ownerMemoryBytes },
      { label: 'pilots', colour: 'pilots', as: 'area', at: (moment) => moment.pilotsMemoryBytes },
      {
        label: 'free',
        colour: 'idle',
        as: 'area',
        at: (moment) => less(moment.memoryTotalBytes, moment.ownerMemoryBytes, moment.pilotsMemoryBytes),
      },
    ],
    text: bytesText,
    axisText: roundBytesText,
    top: (most) => Math.max(1e9, most),
  },
  {
    title: 'What the owner waits',
    about: 'shares of time in which tasks of the owner waited for CPU, memory and storage',
    lines: [
      { label: 'for CPU', colour: 'owner', as: 'line', at: ({ waitCpu }) => waitCpu },
      { label: 'for memory', colour: 'memory', as: 'line', dash: [8, 4], at: ({ waitMemory }) => waitMemory },
      { label: 'for storage', colour: 'storage', as: 'line', dash: [2, 3], at: ({ waitIo }) => waitIo },
    ],
    text: percentText,
    top: (most) => Math.max(0.05, most * 1.1),
  },
  {
    title: 'Slots',
    about: 'pilots that run, that are paused, and how many there may be',
    lines: [
      { label: 'running', colour: 'pilots', as: 'area', at: ({ running }) => running },
      { label: 'paused', colour: 'paused', as: 'area', at: ({ paused }) => paused },
      { label: 'limit', colour: 'limit', as: 'line', dash: [6, 4], at: ({ limit }) => limit },
    ],
    text: numberText,
    top: (most) => Math.max(1, most * 1.1),
  },
];

/** The charts of what the node’s numbers were. */
export interface NodeCharts {
  readonly figures: readonly HTMLElement[];
  /** Shows the last hours, and this moment at their end. */
  show(series: RingSeries, hours: number, facts: NodeFacts | null): void;
}

/** Makes them. */
export function createNodeCharts(): NodeCharts {
  const charts = plans.map((plan) => createChart(plan));
  return {
    figures: charts.map(({ figure }) => figure),
    show(series, hours, facts) {
      const { seconds, moments } = momentsOf(series, facts);
      const until = seconds.at(-1) ?? 0;
      for (const [index, plan] of plans.entries())
        charts[index]?.show(valuesOf(plan.lines, seconds, moments), until - hours * 3600, until);
    },
  };
}
