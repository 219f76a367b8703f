import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCgroupMounts } from '../../src/sample/mounts.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, inspect, plancton, small, useRig } from './rig.ts';

// By a unix socket the load of this machine counts: one small pilot, and patience.
const yaml = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 1\nmain_sleep: 1\n`;
const patienceMs = 100_000;
useRig();

const held = (file: string): string => readFileSync(file, 'utf8').trim();

/** The file that holds the class, once the daemon says that it is had. */
const classFile = (had: string): Promise<string> =>
  until(`the class "${had}"`, async () => {
    const { cpuClass } = (await plancton.status()).parent;
    return cpuClass.had === had ? cpuClass.detail : null;
  });

describe('the kernel comes first', () => {
  it('pilots yield, are the first to go, and are bounded; what somebody undoes is set again', async () => {
    configure(plancton, `unix://${engine.socket}`, `${yaml}pids_limit: 99\n`);
    await begin(plancton);
    const file = await classFile('idle');
    expect(held(file)).toBe('1');
    expect((await plancton.status()).parent).toMatchObject({
      cgroup: expect.stringMatching(/^\/plancton-[0-9a-f]{8}$/) as string,
      cpuClass: { asked: 'idle', had: 'idle' },
      oomScoreAdj: 1000,
      pidsLimit: 99,
      can: { shrink: true, pause: true, kill: true },
      fallback: '',
    });
    const [pilot] = await plancton.running(1, patienceMs);
    const { Pid } = (await inspect(engine.socket, pilot?.Id ?? '')).State;
    expect(held(`/proc/${Pid}/oom_score_adj`)).toBe('1000');
    expect(held(`/proc/${Pid}/cgroup`)).toContain((await plancton.status()).parent.cgroup);
    writeFileSync(file, '0');
    await until('it is set again', () => held(file) === '1');
    await plancton.logged(/somebody changed the CPU class/);
  }, 200_000);

  it('nothing is set in a dry run', async () => {
    configure(plancton, `unix://${engine.socket}`, `${yaml}dry_run: true\n`);
    await begin(plancton);
    const { cgroup, cpuClass, fallback } = await until('the parent', async () => {
      const { parent } = await plancton.status();
      return parent.cgroup === null ? null : parent;
    });
    expect(cpuClass).toMatchObject({ asked: 'idle', had: 'normal' });
    expect(fallback).toMatch(/^nothing is set \(dry_run\); the class "idle" of \/.* would be$/);
    const { unified, legacy } = readCgroupMounts('/');
    const folders = [...Object.values(legacy), unified ?? ''].map((mount) => `${mount}${cgroup}`);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });

  it('the class follows the configuration while pilots run', async () => {
    configure(plancton, `unix://${engine.socket}`, `${yaml}cpu_class: low\n`);
    await begin(plancton);
    expect(await classFile('low')).toMatch(/cpu\.(shares|weight)$/);
    const idle = (await classFile('low')).replace(/cpu\.(shares|weight)$/, 'cpu.idle');
    expect(held(idle)).toBe('0');
    configure(plancton, `unix://${engine.socket}`, yaml);
    await until('it is idle', () => held(idle) === '1');
    configure(plancton, `unix://${engine.socket}`, `${yaml}cpu_class: normal\n`);
    await until('it is as everybody', () => held(idle) === '0');
    await classFile('normal');
    expect((await plancton.status()).parent.fallback).toBe('');
  }, 120_000);
});
