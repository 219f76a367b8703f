import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { containmentOf } from '../../src/daemon/containment.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plancton-contained-'));
  mkdirSync(join(root, 'run/systemd'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

it.each([
  ['.dockerenv', '', 'a Docker container'],
  ['run/.containerenv', '', 'a Podman container'],
  ['run/systemd/container', 'lxc\n', 'a container (lxc)'],
])('a container is known by its mark: %s', (path, text, kind) => {
  writeFileSync(join(root, path), text);
  expect(containmentOf(root)).toBe(kind);
});

it('there is none without a mark', () => {
  expect(containmentOf(root)).toBeNull();
});
