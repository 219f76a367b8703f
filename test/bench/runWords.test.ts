import { describe, expect, it } from 'vitest';
import { runWords } from '../../bench/contenders.ts';

describe('the docker run beside a pilot', () => {
  const pilot = {
    Id: 'x',
    State: { Pid: 1, StartedAt: '', FinishedAt: '' },
    Config: { Hostname: 'h', Image: 'i:1', Cmd: ['/bin/sleep', '5'], User: '0:0', StopSignal: 'SIGTERM' },
    HostConfig: {
      CpuPeriod: 100_000,
      CpuQuota: 50_000,
      Memory: 64,
      MemorySwap: 65,
      NetworkMode: 'none',
      CgroupParent: '',
      Init: true,
    },
  };

  it('has the pilot’s limits, network, user, init and command', () => {
    expect(runWords(pilot).join(' ')).toBe(
      'run --rm --init --cpu-period=100000 --cpu-quota=50000 --memory=64 --memory-swap=65 --network=none --user=0:0 i:1 /bin/sleep 5',
    );
  });

  it('has an init only where the pilot has one', () => {
    expect(runWords({ ...pilot, HostConfig: { ...pilot.HostConfig, Init: null } })).not.toContain('--init');
  });
});
