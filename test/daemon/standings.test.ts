import { expect, it } from 'vitest';
import { instanceLabel, labelsOf, proofLabel } from '../../src/daemon/ownership.ts';
import { Standings } from '../../src/daemon/standings.ts';
import { Secret } from '../../src/model/secret.ts';
import { keepLog } from '../support/quietLog.ts';

it('believes a proof that was found right for the same name and instance only', () => {
  const identity = { instance: 'here', secret: new Secret('s') };
  const standings = new Standings(
    identity,
    () => false,
    () => false,
    keepLog(),
  );
  const [name, other] = ['plancton-worker-aaaaaa', 'plancton-worker-bbbbbb'];
  const labels = labelsOf(identity, name);
  expect(standings.of({ id: '1', name, labels })).toBe('managed');
  expect(standings.of({ id: '1', name, labels })).toBe('managed');
  expect(standings.of({ id: '2', name: other, labels })).toBe('counted');
  expect(standings.of({ id: '1', name, labels: { ...labels, [proofLabel]: 'wrong' } })).toBe('counted');
  expect(standings.of({ id: '1', name, labels: { ...labels, [instanceLabel]: 'there' } })).toBe('ignored');
});
