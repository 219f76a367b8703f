import { existsSync } from 'node:fs';
import { explainCheck, explainSettings } from '../config/explain.ts';
import { loadSettings } from '../config/load.ts';
import type { HostSample } from '../model/host.ts';
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
