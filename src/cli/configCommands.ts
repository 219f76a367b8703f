import { explainCheck, explainSettings } from '../config/explain.ts';
import { loadSettings } from '../config/load.ts';

/** `planctonctl check`: every warning and fault of a file; exit code 1 when it could not be put in force. */
export function check(file: string): number {
  const result = loadSettings(file);
  process.stdout.write(`${explainCheck(file, result).trimEnd()}\n`);
  return result.ok ? 0 : 1;
}

/** `planctonctl config`: what a daemon that reads this file has in force, and where each value came from. */
export function showConfig(file: string): number {
  const result = loadSettings(file);
  if (!result.ok) return check(file);
  process.stdout.write(`${explainSettings(file, result).trimEnd()}\n`);
  return 0;
}
