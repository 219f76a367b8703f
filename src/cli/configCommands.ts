import { existsSync } from 'node:fs';
import { explainCheck, explainSettings } from '../config/explain.ts';
import { loadSettings } from '../config/load.ts';
import { percentText } from '../decide/numbers.ts';
import type { HostSample } from '../model/host.ts';
import { columns } from './columns.ts';
import { faultsOnThisNode, lookAtThisNode } from './thisNode.ts';

/**
 * `planctonctl check`: every warning and fault of a file, on this node too, which `look` looks at; exit code 1 when it
 * could not be put in force, or is named but not there.
 */
export function check(file: string, mustExist: boolean, look: () => HostSample = lookAtThisNode): number {
  if (mustExist && !existsSync(file)) {
    process.stderr.write(`${file}: there is no such file\n`);
    return 1;
  }
  const result = loadSettings(file);
  const here = result.ok ? faultsOnThisNode(result, look) : [];
  const told = { ...result, warnings: [...result.warnings, ...here] };
  process.stdout.write(`${explainCheck(file, told).trimEnd()}\n`);
  return result.ok ? 0 : 1;
}

/**
 * `planctonctl config`: what a daemon has in force that reads this file, and where each value came from. Where the file
 * has faults that is the last good one, which the daemon kept.
 */
export function showConfig(file: string, lastGood: string): number {
  const result = loadSettings(file);
  if (result.ok) {
    process.stdout.write(`${explainSettings(file, result).trimEnd()}\n`);
    return 0;
  }
  process.stderr.write(`${explainCheck(file, result).trimEnd()}\n`);
  const kept = existsSync(lastGood) ? loadSettings(lastGood) : null;
  if (kept?.ok === true) process.stdout.write(`${explainSettings(lastGood, kept).trimEnd()}\n`);
  return 1;
}

/** The kinds as a daemon would have them that reads this file, in a table; of a file with faults those of the last good one. */
export function kindsWritten(file: string, lastGood: string): readonly string[] {
  for (const one of [file, lastGood]) {
    const result = existsSync(one) || one === file ? loadSettings(one) : null;
    if (result?.ok !== true) continue;
    const { kinds } = result.settings;
    const shares = kinds.filter(({ enabled }) => enabled).reduce((sum, { share }) => sum + share, 0);
    const rows = kinds.map(({ name, enabled, share, max, image }) => [
      name,
      enabled ? percentText(share / shares) : '-',
      Number.isFinite(max) ? String(max) : '-',
      image,
      enabled ? '' : 'disabled',
    ]);
    const origin = existsSync(one) ? one : `${one}, which is not there: the defaults`;
    return [
      `By the configuration ${origin}:`,
      ...columns([['KIND', 'SHARE WANTED', 'MOST', 'IMAGE', ''], ...rows]),
    ];
  }
  return [`${file} has faults: planctonctl check tells which`];
}
