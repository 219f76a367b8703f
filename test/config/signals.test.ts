import { describe, expect, it } from 'vitest';
import { Unfit } from '../../src/config/fields.ts';
import { parseSignal } from '../../src/config/signals.ts';

describe('a signal', () => {
  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['term', 'SIGTERM'],
    [' Int ', 'SIGINT'],
    ['15', 'SIGTERM'],
    ['1', 'SIGHUP'],
    ['9', 'SIGKILL'],
    ['31', 'SIGSYS'],
    ['SIGPOLL', 'SIGIO'],
    ['SIGRTMIN', 'SIGRTMIN'],
    ['RTMIN+3', 'SIGRTMIN+3'],
    ['34', 'SIGRTMIN'],
    ['37', 'SIGRTMIN+3'],
    ['SIGRTMIN+16', 'SIGRTMAX-14'],
    ['SIGRTMAX-15', 'SIGRTMIN+15'],
    ['64', 'SIGRTMAX'],
  ])('%s is %s', (written, name) => {
    expect(parseSignal(written)).toBe(name);
    expect(parseSignal(name)).toBe(name);
  });

  it.each(['', 'SIG', '0', '32', '33', '65', '-1', 'SIGRTMIN-1', 'SIGRTMAX+1', 'SIGRTMIN+31', 'SIGNAL'])(
    '%j is none',
    (written) => {
      expect(() => parseSignal(written)).toThrow(Unfit);
    },
  );

  it('comes with the nearest that there is', () => {
    expect(() => parseSignal('SIGTREM')).toThrow('did you mean SIGTERM?');
  });
});
