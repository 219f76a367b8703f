import { describe, expect, it } from 'vitest';
import { engineInfoOf, settleApiVersion } from '../../src/engine/engineInfo.ts';

describe('the API version', () => {
  it.each([
    ["the engine's own", { ApiVersion: '1.41', MinAPIVersion: '1.12' }, '1.41'],
    ['the newest we know', { ApiVersion: '1.47', MinAPIVersion: '1.24' }, '1.43'],
    ["the engine's oldest where that is newer", { ApiVersion: '1.52', MinAPIVersion: '1.44' }, '1.44'],
    ['1.9 before 1.10', { ApiVersion: '1.24' }, '1.24'],
  ])('is %s', (_what, answer, version) => {
    expect(settleApiVersion(answer)).toBe(version);
  });

  it.each([[{ ApiVersion: '1.9' }], [{}], [{ ApiVersion: 'x' }]])('cannot be had of %j', (answer) => {
    expect(() => settleApiVersion(answer)).toThrow(/API version/);
  });
});

describe('an engine', () => {
  it('is Podman by its component, Docker otherwise', () => {
    const podman = { Version: '4.3.1', Components: [{ Name: 'Podman Engine' }] };
    expect(engineInfoOf(podman, {}, '1.41', true)).toMatchObject({ product: 'podman', version: '4.3.1' });
    expect(engineInfoOf({ Components: null }, {}, '1.41', true).product).toBe('docker');
  });

  it('tells what it can do', () => {
    const info = {
      NCPU: 8,
      MemTotal: 5,
      CgroupDriver: 'systemd',
      CgroupVersion: '2',
      SecurityOptions: ['name=apparmor', 'name=seccomp,profile=default', 'name=rootless', 'name=selinux'],
      InitBinary: 'docker-init',
      InitCommit: { ID: '' },
      DockerRootDir: '/data',
      LoggingDriver: 'json-file',
    };
    expect(engineInfoOf({ Version: '24' }, info, '1.43', false)).toEqual({
      product: 'docker',
      version: '24',
      apiVersion: '1.43',
      cpuCount: 8,
      memoryBytes: 5,
      cgroupDriver: 'systemd',
      cgroupVersion: 2,
      rootless: true,
      local: false,
      selinux: true,
      apparmor: true,
      hasInit: true,
      dataFolder: '/data',
      loggingDriver: 'json-file',
    });
  });

  it.each([[{ InitBinary: 'docker-init', InitCommit: { ID: 'N/A' } }], [{ InitBinary: '' }], [{}]])(
    'has no init program when it says %j',
    (info) => {
      expect(engineInfoOf({}, info, '1.41', true).hasInit).toBe(false);
    },
  );
});
