import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireProgram } from '../support/programs.ts';
import { codeBlocks, scriptOf } from '../support/recipe.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const shells = { dash: ['/bin/sh', 'dash'], busybox: [requireProgram('busybox', 'busybox-static'), 'ash'] };

describe('the scripts of the recipes', () => {
  it('are read by the shells that they are for', () => {
    const scripts = codeBlocks().filter(({ language }) => language === 'sh');
    expect(scripts.length).toBeGreaterThan(5);
    const file = join(folder, 'script');
    for (const { text } of scripts) {
      writeFileSync(file, text);
      const isBash = text.startsWith('#!/bin/bash');
      execFileSync(isBash ? requireProgram('bash', 'bash') : '/bin/sh', ['-n', file]);
    }
  });
});

describe.each(Object.entries(shells))(
  'the wrapper for any worker, in %s',
  (_name, [shell = '', applet = '']) => {
    /** Runs the wrapper around a worker that is these lines of shell; `onReady` gets its process number when it says `ready`. */
    async function wrapped(
      worker: string,
      onReady?: (pid: number) => void,
    ): Promise<[number | null, string]> {
      const file = join(folder, 'worker-pilot');
      writeFileSync(file, scriptOf('README.md', 'worker-pilot'));
      const words = applet === 'ash' ? [applet, file] : [file];
      const child = spawn(shell, [...words, '/bin/sh', '-c', worker], {
        env: { ...process.env, TMPDIR: folder, WORKED: '^task [0-9]+ done' },
      });
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += String(chunk);
        if (String(chunk).includes('ready')) onReady?.(child.pid ?? 0);
      });
      const [code] = (await once(child, 'close')) as [number | null];
      return [code, output];
    }

    it('says that there was no work', async () => {
      expect(await wrapped('echo waiting; echo task none')).toEqual([75, 'waiting\ntask none\n']);
    });

    it('says that there was', async () => {
      expect(await wrapped('echo task 1 done; echo bye')).toEqual([0, 'task 1 done\nbye\n']);
    });

    it('says what went wrong in the worker’s own way', async () => {
      expect(await wrapped('echo task 1 done; echo oh >&2; exit 3')).toEqual([3, 'task 1 done\noh\n']);
    });

    it('passes the notice on, and waits for the worker', async () => {
      const worker = `trap 'echo heard; sleep 0.2; echo task 1 done; exit 0' TERM; echo ready; while :; do sleep 0.05; done`;
      const [code, output] = await wrapped(worker, (pid) => process.kill(pid, 'SIGTERM'));
      expect([code, output]).toEqual([0, 'ready\nheard\ntask 1 done\n']);
    });
  },
);
