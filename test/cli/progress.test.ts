import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { cloneInto } from '../../src/cli/bootstrap/clone.ts';
import type { Machine, RunOptions } from '../../src/cli/bootstrap/machine.ts';
import { parseSource } from '../../src/cli/bootstrap/source.ts';
import { journalProgress } from '../../src/cli/journalProgress.ts';
import { ProgressLine } from '../../src/cli/progressLine.ts';
import { pullText } from '../../src/cli/pullProgress.ts';
import { readPull } from '../../src/engine/pull.ts';
import type { PullProgress } from '../../src/model/engine.ts';
import { queryHistory } from '../../src/record/history.ts';
import { journalLine } from '../../src/record/journalLine.ts';
import { Screen } from '../support/screen.ts';
import { record } from './look.ts';

/** A line on a terminal whose time the test tells. */
function rig(env: Readonly<Record<string, string>> = { TERM: 'xterm', LANG: 'C.UTF-8' }, columns = 40) {
  let [said, nowMs] = ['', 0];
  const to = { isTTY: true, columns, write: (text: string) => (said += text) };
  const line = new ProgressLine(to, () => nowMs, env);
  return {
    line,
    said: () => said,
    lines: () => new Screen().take(said).lines(),
    at: (ms: number) => (nowMs = ms),
  };
}

describe('a line of progress', () => {
  it('comes after a second, not too often, cut to the terminal, and leaves nothing behind', () => {
    const { line, said, lines, at } = rig();
    line.show(() => 'too early');
    at(1000);
    line.show(() => 'é'.repeat(60));
    at(1100);
    line.show(() => 'too often');
    expect(lines()).toEqual(['é'.repeat(39)]);
    at(1300);
    line.show(() => 'short');
    expect(lines()).toEqual(['short']);
    line.end();
    expect(lines()).toEqual([]);
    const before = said();
    line.end();
    expect(said()).toBe(before);
  });

  it('is not for paper, nor for pipes, and has ASCII for who knows nothing else', () => {
    const paper = rig({ TERM: 'dumb' });
    paper.at(5000);
    paper.line.show(() => 'a');
    expect([paper.said(), paper.line.isWanted]).toEqual(['', false]);
    const old = rig({ TERM: 'vt100', LANG: 'C' });
    old.at(5000);
    old.line.show(() => 'é');
    expect(old.lines()).toEqual(['?']);
  });
});

describe('how far a pull is', () => {
  const asked = { what: 'pull image a', of: 'a' } as unknown as Parameters<typeof readPull>[1];
  const pull = async (...lines: readonly object[]): Promise<readonly PullProgress[]> => {
    const told: PullProgress[] = [];
    const text = lines.map((line) => `${JSON.stringify(line)}\r\n`).join('');
    await readPull(
      Readable.from([Buffer.from(text)]),
      asked,
      () => undefined,
      (one) => told.push(one),
    );
    return told;
  };

  it('is the sum of its layers, each counted once', async () => {
    const told = await pull(
      { status: 'Pulling from library/a', id: 'latest' },
      { status: 'Already exists', id: 'l1', progressDetail: {} },
      { status: 'Pulling fs layer', id: 'l2', progressDetail: {} },
      { status: 'Downloading', id: 'l2', progressDetail: { current: 30, total: 100 } },
      { status: 'Download complete', id: 'l2', progressDetail: {} },
      { status: 'Extracting', id: 'l2', progressDetail: { current: 10, total: 100 } },
      { status: 'Pull complete', id: 'l2', progressDetail: {} },
      { status: 'Digest: sha256:0' },
    );
    expect(told.map(pullText)).toEqual([
      '1 of 1 layers',
      '1 of 2 layers',
      '1 of 2 layers, 30 B of 100 B',
      '1 of 2 layers, 100 B of 100 B',
      '1 of 2 layers, 100 B of 100 B',
      '2 of 2 layers, 100 B of 100 B',
    ]);
  });

  it('takes whatever an engine says', async () => {
    const odd = [
      { id: 7, status: 'Downloading' },
      { id: 'a' },
      { id: 'a', status: 'Downloading', progressDetail: { current: 'x', total: -1 } },
    ];
    expect((await pull(...odd)).map(pullText)).toEqual(['0 of 1 layers']);
  });
});

it('how much of a journal was read is told of a large one, also where nothing in it fits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-progress-'));
  try {
    const line = journalLine(record('aaaaaa', { said: 'x'.repeat(400) }));
    const count = Math.ceil(9_000_000 / line.length);
    writeFileSync(join(folder, 'history.jsonl'), `${line.trimEnd()}\n`.repeat(count));
    const { line: progress, lines, at } = rig(undefined, 80);
    const { onRead } = journalProgress(progress);
    at(2000);
    const query = { sinceMs: null, untilMs: null, kind: 'none', outcome: null, name: null } as const;
    queryHistory(folder, { ...query, order: 'newest', limit: 1 }, () => true, onRead);
    expect(lines()).toEqual(['Reading the journal: 4 MB of 9 MB, 44 %']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('how far a clone is', () => {
  const source = parseSource('https://git.example.org/a.git');
  const cloneWith = async (
    stderr: string,
    code: number,
    onProgress?: (text: string) => void,
  ): Promise<readonly string[]> => {
    let words: readonly string[] = [];
    const run: Machine['run'] = async (_, args, options: RunOptions) => {
      words = args;
      options.onStderr?.(stderr);
      return { how: 'ended', code, stdout: Buffer.alloc(0), stderr: Buffer.from(stderr) };
    };
    const limits = { deadlineMs: 1000, signal: new AbortController().signal, onProgress };
    await cloneInto('/nowhere', source, { run } as Machine, limits);
    return words;
  };
  const told =
    "Cloning into '/x'...\nremote: Enumerating objects: 9, done.\nremote: Counting objects:  50% (1/2)\rReceiving objects:  42% (42/100)\r";

  it('is asked of git only where somebody is told, in its own words', async () => {
    const said: string[] = [];
    expect(await cloneWith(told, 0, (text) => said.push(text))).toContain('--progress');
    expect(said).toEqual(['Receiving objects, 42 %']);
    expect(await cloneWith('', 0)).toContain('--quiet');
  });

  it('is no complaint of a clone that fails', async () => {
    const failing = cloneWith(`${told}fatal: the remote end hung up\n`, 128, () => undefined);
    await expect(failing).rejects.toThrow(
      /^git could not clone https:\/\/git\.example\.org\/a\.git: fatal: the remote end hung up$/,
    );
  });
});
