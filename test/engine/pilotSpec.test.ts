import { describe, expect, it } from 'vitest';
import type { Propagation } from '../../src/engine/mountinfo.ts';
import { gpuFault } from '../../src/engine/pilotGpus.ts';
import { type NodeTraits, wireOf } from '../../src/engine/pilotSpec.ts';
import { EngineError, type EngineInfo, type PilotSpec } from '../../src/model/engine.ts';
import type { Kind } from '../../src/model/kind.ts';
import { engineInfo as info } from '../support/engineInfo.ts';
import { kindOf } from '../support/kinds.ts';

const kind = kindOf({
  image: 'busybox',
  command: ['/bin/sleep', '60'],
  cpus: 1.5,
  memoryBytes: 2e9,
  swapBytes: 1e9,
  privileged: true,
  user: '1000:1001',
  devices: [{ source: '/dev/fuse', target: '/dev/f', permissions: 'rw' }],
  capabilitiesAdded: ['SYS_ADMIN'],
  capabilitiesDropped: ['NET_RAW'],
  securityOptions: ['apparmor:unconfined', 'label=disable'],
});

const wire = (
  changes: Partial<Kind> = {},
  about: { info?: Partial<EngineInfo>; propagation?: Propagation; node?: Partial<NodeTraits> } = {},
  spec: Partial<PilotSpec> = {},
) =>
  wireOf(
    {
      name: 'p',
      hostname: 'h',
      kind: { ...kind, ...changes },
      env: {},
      binds: [],
      labels: { a: 'b' },
      cgroupParent: '/plancton',
      ...spec,
    },
    { ...info, ...about.info },
    {
      propagationOf: () => about.propagation ?? 'private',
      ulimits: [],
      ...about.node,
    },
  );

describe('a pilot as an engine is told of it', () => {
  it('has all that the recipe says', () => {
    expect(wire().body).toEqual({
      Hostname: 'h',
      Image: 'busybox',
      Cmd: ['/bin/sleep', '60'],
      Env: [],
      User: '1000:1001',
      Labels: { a: 'b' },
      StopSignal: 'SIGTERM',
      HostConfig: {
        CpuPeriod: 100_000,
        CpuQuota: 150_000,
        Memory: 2e9,
        MemorySwap: 3e9,
        PidsLimit: 4096,
        OomScoreAdj: 1000,
        NetworkMode: 'bridge',
        Privileged: true,
        ReadonlyRootfs: false,
        Binds: [],
        Tmpfs: {},
        Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/f', CgroupPermissions: 'rw' }],
        CapAdd: ['SYS_ADMIN'],
        CapDrop: ['NET_RAW'],
        SecurityOpt: ['label=disable'],
        AutoRemove: false,
        RestartPolicy: { Name: 'no' },
        Init: true,
        CgroupParent: '/plancton',
        LogConfig: { Type: '', Config: { 'max-size': '10m', 'max-file': '2' } },
      },
    });
  });

  it('has all that a recipe may say beyond that', () => {
    const { body, warnings } = wire({
      securityOptions: [],
      env: { A: '1', B: '2' },
      shmBytes: 5,
      gpus: { count: 'all', ids: [] },
      tmpfs: [{ target: '/t', options: 'size=1m' }],
      ulimits: [{ name: 'core', soft: 0, hard: -1 }],
      labels: { a: 'not b', c: 'd' },
      readOnly: true,
      stopSignal: 'SIGUSR2',
      init: false,
    });
    expect(warnings).toEqual([]);
    expect(body).toMatchObject({
      Env: ['A=1', 'B=2'],
      Labels: { a: 'b', c: 'd' },
      StopSignal: 'SIGUSR2',
      HostConfig: {
        ShmSize: 5,
        DeviceRequests: [{ Driver: '', Count: -1, DeviceIDs: [], Capabilities: [['gpu']] }],
        Tmpfs: { '/t': 'size=1m' },
        Ulimits: [{ Name: 'core', Soft: 0, Hard: -1 }],
        ReadonlyRootfs: true,
        Init: false,
      },
    });
  });

  it('has no memory limit where none is asked for', () => {
    expect(wire({ memoryBytes: 0, swapBytes: 0 }).body.HostConfig).toMatchObject({
      Memory: 0,
      MemorySwap: 0,
    });
  });

  it.each([
    [null, true, true, 0],
    [null, false, undefined, 0],
    [true, true, true, 0],
    [true, false, undefined, 1],
    [false, true, false, 0],
    [false, false, false, 0],
  ])('with init %j, on an engine that has one: %j, asks for %j', (init, hasInit, asked, warned) => {
    const { body, warnings } = wire({ init, securityOptions: [] }, { info: { hasInit } });
    expect(body.HostConfig.Init).toBe(asked);
    expect(warnings).toHaveLength(warned);
  });

  it('has an init, a parent and limits of its own only where they can be had', () => {
    const without = wire({}, { info: { hasInit: false } }, { cgroupParent: null }).body.HostConfig;
    expect(Object.keys(without)).not.toContain('Init');
    expect(Object.keys(without)).not.toContain('CgroupParent');
    expect(Object.keys(without)).not.toContain('Ulimits');
    const ulimits = [{ Name: 'nofile', Soft: 5, Hard: 5 }];
    expect(wire({}, { node: { ulimits } }).body.HostConfig.Ulimits).toEqual(ulimits);
  });

  it('is the first to go when memory runs out, but of a rootless engine', () => {
    expect(wire().body.HostConfig.OomScoreAdj).toBe(1000);
    expect(wire({}, { info: { rootless: true } }).body.HostConfig).not.toHaveProperty('OomScoreAdj');
  });

  it('never has a CPU quota that the kernel refuses', () => {
    expect(wire({ cpus: 0.001 }).body.HostConfig.CpuQuota).toBe(1000);
    expect(wire({ cpus: 0.333333 }).body.HostConfig.CpuQuota).toBe(33_333);
  });

  it('keeps all security options where AppArmor is on, and says what it leaves out where it is off', () => {
    expect(wire({}, { info: { apparmor: true } }).body.HostConfig.SecurityOpt).toHaveLength(2);
    expect(wire({}, { info: { apparmor: true } }).warnings).toEqual([]);
    expect(wire().warnings).toEqual([
      'security option apparmor:unconfined is left out: AppArmor is off on this engine',
    ]);
  });

  const bind = { source: '/cvmfs', target: '/cvmfs', mode: null };
  it.each([
    ['shared', false, '/cvmfs:/cvmfs:rw,shared', 0],
    ['shared', true, '/cvmfs:/cvmfs:rw,shared,Z', 0],
    ['private', false, '/cvmfs:/cvmfs:rw', 1],
    ['slave', true, '/cvmfs:/cvmfs:rw,Z', 1],
    ['unknown', false, '/cvmfs:/cvmfs:rw', 1],
  ] as const)('binds what lies on a %s mount, SELinux %s, as %s', (propagation, selinux, text, warnings) => {
    const made = wire({ binds: [bind], securityOptions: [] }, { propagation, info: { selinux } });
    expect(made.body.HostConfig.Binds).toEqual([text]);
    expect(made.warnings).toHaveLength(warnings);
  });

  it('honours a mode that was written', () => {
    const made = wire(
      { binds: [{ ...bind, mode: 'ro' }], securityOptions: [] },
      { propagation: 'shared', info: { selinux: true } },
    );
    expect(made).toMatchObject({ body: { HostConfig: { Binds: ['/cvmfs:/cvmfs:ro'] } }, warnings: [] });
  });
});

describe('folders of ours', () => {
  const folder = { source: '/run/f', target: '/f', mode: 'ro' };
  const bindsOf = (mode: string, selinux: boolean) =>
    wire({ binds: [folder], securityOptions: [] }, { info: { selinux } }, { binds: [{ ...folder, mode }] })
      .body.HostConfig.Binds;

  it.each([
    ['ro', false, '/run/f:/f:ro'],
    ['ro', true, '/run/f:/f:ro,z'],
    ['rw,Z', true, '/run/f:/f:rw,Z'],
  ])('come after the binds of the kind: %s, SELinux %s, as %s', (mode, selinux, text) => {
    expect(bindsOf(mode, selinux)).toEqual(['/run/f:/f:ro', text]);
  });
});

describe('limits that may not be raised', () => {
  const ulimits = [
    { Name: 'nofile', Soft: 1000, Hard: 1000 },
    { Name: 'nproc', Soft: 50, Hard: 50 },
  ];
  it.each([
    [500, 800, 500, 800, 0],
    [500, 2000, 500, 1000, 1],
    [-1, -1, 1000, 1000, 1],
  ])('make of %i:%i %i:%i', (soft, hard, Soft, Hard, warned) => {
    const made = wire(
      { ulimits: [{ name: 'nofile', soft, hard }], securityOptions: [] },
      { node: { ulimits } },
    );
    expect(made.body.HostConfig.Ulimits).toEqual([ulimits[1], { Name: 'nofile', Soft, Hard }]);
    expect(made.warnings).toHaveLength(warned);
  });
});

describe('GPUs', () => {
  const requestOf = (count: number | 'all', ids: string[]) =>
    wire({ gpus: { count, ids } }).body.HostConfig.DeviceRequests?.[0];

  it('are asked for by their number, or by their ids alone', () => {
    expect(requestOf(2, [])).toMatchObject({ Count: 2, DeviceIDs: [] });
    expect(requestOf('all', [])).toMatchObject({ Count: -1, DeviceIDs: [] });
    expect(requestOf('all', ['GPU-1'])).toMatchObject({ Count: 0, DeviceIDs: ['GPU-1'] });
    expect(wire().body.HostConfig).not.toHaveProperty('DeviceRequests');
  });

  it.each([{ product: 'podman' }, { apiVersion: '1.39' }] as const)(
    'are refused by an engine that would leave them out without a word: %j',
    (about) => {
      const attempt = () => wire({ gpus: { count: 1, ids: [] } }, { info: about });
      expect(attempt).toThrow(/^cannot create container p of kind test: no GPU runtime: /);
      expect(attempt).toThrow(expect.objectContaining({ fault: 'rejected' }) as Error);
    },
  );

  const started = (told: string) =>
    gpuFault(new EngineError('failed', `cannot start container c: the engine answered 500: ${told}`));

  it('that nobody can give are told in plain words', () => {
    expect(started('could not select device driver "" with capabilities: [[gpu]]')).toMatchObject({
      fault: 'rejected',
      message: expect.stringMatching(/^cannot start container c: no GPU runtime: /) as string,
    });
    expect(
      started('OCI runtime: hook: stderr: nvidia-container-cli: device error: 7: unknown'),
    ).toMatchObject({
      message:
        'cannot start container c: its GPUs cannot be had: nvidia-container-cli: device error: 7: unknown',
    });
    expect(started('no such network')).toBeNull();
  });
});

describe('a pilot’s log', () => {
  const logOf = (about: Partial<EngineInfo>) => wire({}, { info: about }).body.HostConfig.LogConfig;
  const bounded = { Type: '', Config: { 'max-size': '10m', 'max-file': '2' } };

  it.each(['json-file', 'local'])(
    'is bounded where the engine writes it to files itself: %s',
    (loggingDriver) => {
      expect(logOf({ loggingDriver })).toEqual(bounded);
    },
  );

  it.each(['journald', 'syslog', 'none', 'gelf', 'a/plugin', ''])(
    'is left to a driver that would refuse these options: "%s"',
    (loggingDriver) => {
      expect(logOf({ loggingDriver })).toBeUndefined();
    },
  );

  it('is one file with Podman, which does not tell its driver and refuses nothing', () => {
    expect(logOf({ product: 'podman', loggingDriver: '' })).toEqual({
      Type: '',
      Config: { 'max-size': '10m' },
    });
  });
});
