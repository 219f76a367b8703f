import { beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { begin, configure, engine, localImage, plancton, small, useRig } from './rig.ts';

useRig();
beforeEach(() => {
  configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 1\nmain_sleep: 1\n`);
});

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

describe('status', () => {
  it('--json tells everything that a program may want', async () => {
    await begin(plancton);
    const [pilot] = await plancton.running(1);
    const status = await until('a whole status', async () => {
      const now = await plancton.status();
      return now.pilots.running === 1 && now.node.ownerCpus !== null ? now : null;
    });
    expect(status).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      pid: plancton.pid(),
      hostname: expect.any(String) as string,
      since: isoTime,
      state: 'active',
      dryRun: false,
      ending: false,
      control: { drain: false, stop: false, forceStop: false },
      engine: {
        endpoint: expect.stringContaining('127.0.0.1') as string,
        answering: true,
        reason: '',
        product: 'docker',
        version: expect.any(String) as string,
        apiVersion: expect.stringMatching(/^1\.\d+$/) as string,
      },
      config: { file: plancton.configFile, state: 'good', problems: [], warnings: [], loadedAt: isoTime },
      pilots: {
        running: 1,
        paused: 0,
        limit: 1,
        unmanaged: 0,
        list: [
          {
            name: pilot?.Names[0]?.slice(1),
            kind: 'default',
            state: 'running',
            ageSeconds: expect.any(Number) as number,
            managed: true,
          },
        ],
      },
      node: {
        cpus: expect.any(Number) as number,
        ownerCpus: expect.any(Number) as number,
        pilotsCpus: null,
        memoryTotalBytes: expect.any(Number) as number,
        memoryAvailableBytes: expect.any(Number) as number,
      },
      account: {
        since: null,
        harvestedSeconds: 0,
        wastedSeconds: 0,
        ownerDelaySeconds: null,
        ownerDelayShare: null,
      },
      parent: {
        cgroup: null,
        cpuClass: {
          asked: 'idle',
          had: 'normal',
          detail: expect.stringContaining('another machine') as string,
        },
        ioWeight: { had: false, detail: expect.any(String) as string },
        oomScoreAdj: 1000,
        pidsLimit: 4096,
        can: { shrink: true, pause: true, reclaim: false, kill: false },
        fallback: expect.stringMatching(/another machine.*; nothing of this node is looked at/) as string,
      },
      folders: { bound: 'watched', why: expect.stringContaining('another machine') as string },
      images: [
        {
          kinds: ['default'],
          reference: localImage,
          id: pilot?.ImageID,
          pulledAt: null,
          error: expect.stringContaining('cannot pull image') as string,
        },
      ],
      lastDecision: { at: isoTime, text: expect.any(String) as string },
      refusals: [{ rule: 'limit', text: 'the limit is 1 pilot: 1 running' }],
      influxdb: [],
      page: { url: null, error: '' },
    });
  });

  it('--json without a daemon says so', async () => {
    const { code, stdout } = await plancton.ctl('status', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ running: false, pid: null });
  });

  it('of a daemon that hangs is its PID, within a few seconds, and exit code 0', async () => {
    await begin(plancton);
    const pid = plancton.pid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const { code, stdout, stderr } = await plancton.ctl('status');
      expect(stderr).toMatch(new RegExp(`^Running with PID ${pid}\nIt does not tell its status`));
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      const json = await plancton.ctl('status', '--json');
      expect(JSON.parse(json.stdout)).toEqual({ running: true, pid });
      expect(json.code).toBe(0);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect((await plancton.status()).pid).toBe(pid);
  });

  it('in words names what matters', async () => {
    await begin(plancton);
    await plancton.running(1);
    await until('the pilot', async () => (await plancton.status()).pilots.running === 1);
    const { stdout, stderr } = await plancton.ctl('status');
    expect(stderr).toBe(`Running with PID ${plancton.pid()}\n`);
    for (const line of [
      /^Plancton +\S+ on \S+, PID \d+, for \d+ s$/m,
      /^State +active$/m,
      /^Pilots +1 running of at most 1$/m,
      /^Engine +docker \S+ at .*127\.0\.0\.1/m,
      /^Kernel +CPU class normal \(idle was asked for\), no I\/O weight, .*another machine/m,
      /^Image +127\.0\.0\.1:9\/plancton\/pilot:latest/m,
      /^Config +\S+config\.yaml$/m,
      /^InfluxDB +none configured$/m,
    ])
      expect(stdout).toMatch(line);
  });

  it('why tells the numbers behind it, to a person and to a program, and the last of the log when nobody answers', async () => {
    const before = await plancton.ctl('why');
    expect(before).toMatchObject({ code: 1, stdout: '' });
    expect(before.stderr).toBe('Not running\n');
    await begin(plancton);
    await plancton.running(1);
    const { code, stdout } = await plancton.ctl('why');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d pilots? of at most 1\n\nOne more:\n/);
    expect(stdout).toMatch(/^ {2}limit: .*max_docks/m);
    const told = JSON.parse((await plancton.ctl('why', '--json')).stdout) as Record<string, unknown>;
    expect(told).toMatchObject({ at: isoTime, more: expect.any(Array) as string[] });
    expect((await plancton.ctl('why', '--profile')).stdout).toMatch(/^Monday +·{24}$/m);
    await plancton.ctl('stop');
    expect((await plancton.ctl('why')).stdout).toMatch(
      /The last lines of .*plancton\.log:\n.*the daemon has ended/s,
    );
  });
});
