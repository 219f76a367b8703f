import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const launcher = resolve(import.meta.dirname, '../../bin/planctonctl');
let folder: string;
let node: string;

/** A node that says what it was asked to run, and with how much of the daemon's thrift. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-launcher-'));
  node = join(folder, 'node');
  writeFileSync(node, '#!/bin/sh\necho "${MALLOC_ARENA_MAX:-}"\nfor word in "$@"; do echo "$word"; done\n');
  chmodSync(node, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

function started(...words: string[]): { program: string; words: string[]; isThrifty: boolean } {
  const env = { PATH: process.env['PATH'], PLANCTON_NODE: node };
  const [arenas = '', ...lines] = execFileSync(launcher, words, { env, encoding: 'utf8' })
    .trimEnd()
    .split('\n');
  const at = lines.findIndex((line) => line.endsWith('.cjs'));
  return {
    program: basename(lines[at] ?? ''),
    words: lines.slice(at + 1),
    isThrifty: arenas === '1' && at > 0,
  };
}

it.each([
  ['nodaemon'],
  ['--user', 'nodaemon'],
  ['--rundir', '/a b', '--confdir=/c', 'nodaemon'],
  ['nodaemon', '--user'],
])('the command nodaemon is the daemon: %s %s %s %s', (...words) => {
  expect(started(...words)).toEqual({ program: 'daemonMain.cjs', words, isThrifty: true });
});

it.each([
  ['status', '--user'],
  ['check', 'nodaemon'],
  ['--rundir', 'nodaemon', 'status'],
  ['--rundir=nodaemon', 'status'],
])('the word nodaemon elsewhere is not: %s %s %s', (...words) => {
  expect(started(...words)).toEqual({ program: 'planctonctl.cjs', words, isThrifty: false });
});
