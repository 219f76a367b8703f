import { join } from 'node:path';
import { loadSettings } from '../../config/load.ts';
import { formatProblem, type Problem } from '../../config/problem.ts';
import { absentFingerprint } from '../../config/readFile.ts';

/** What is said of a `config.yaml`, each in one line; without `found` there is none. */
export interface Verdict {
  readonly found: boolean;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Reads and checks the `config.yaml` of a folder, as the daemon would; its lines call the file `shown`. Never throws. */
export function validateFolder(folder: string, shown: string): Verdict {
  const result = loadSettings(join(folder, 'config.yaml'));
  const asLine = (problem: Problem) => formatProblem(shown, problem);
  return {
    found: result.fingerprint !== absentFingerprint,
    problems: result.ok ? [] : result.problems.map(asLine),
    warnings: result.warnings.map(asLine),
  };
}
