import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { requireProgram } from '../support/programs.ts';

const man = resolve(import.meta.dirname, '../../man');

it.each([
  ['planctonctl.1', 'history [options]'],
  ['plancton-bootstrap.1', 'plancton-bootstrap --dryrun'],
  ['plancton-config.5', 'pilots[].backoff.first'],
])('%s is mdoc without a fault, and can be read', (name, words) => {
  const mandoc = requireProgram('mandoc', 'mandoc');
  const told = spawnSync(mandoc, ['-T', 'lint', name], { cwd: man, encoding: 'utf8' }).stdout;
  // Those of the others are not installed here.
  expect(
    told.split('\n').filter((line) => line !== '' && !line.includes('referenced manual not found')),
  ).toEqual([]);
  expect(
    execFileSync(mandoc, ['-T', 'ascii', name], { cwd: man, encoding: 'utf8' }).replaceAll(/.[\b]/g, ''),
  ).toContain(words);
});
