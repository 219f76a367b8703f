import { expect, it } from 'vitest';
import { foreignClass } from '../../src/act/parentClass.ts';
import { runOnce } from '../../src/cli/tryRun.ts';
import { trialFolders } from '../../src/daemon/trials.ts';
import { createFakeEngine } from '../fakes/engine.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { kindOf } from '../support/kinds.ts';

const nothing = (): void => undefined;
const spec = {
  name: 'plancton-try-abcdef',
  hostname: 'h',
  kind: kindOf(),
  env: {},
  binds: [],
  labels: {},
  cgroupParent: null,
};

it.each([
  ['whose answer is lost', false, /lost|reply|answer/],
  ['during which somebody pressed Ctrl-C', true, /given up on request/],
])('a creation %s leaves no container behind', async (_what, isAsked, message) => {
  const engine = createFakeEngine();
  engine.addImage(spec.kind.image);
  const asked = new AbortController();
  if (isAsked) asked.abort();
  else engine.loseReplyAfter('create');
  const leaving = { atOnce: asked.signal, onAsked: nothing, forget: nothing };
  const parent = foreignClass('idle', '');
  const folders = trialFolders('/nonexistent', null);
  const parts = { engine, info: engineInfo, spec, folders, parent, leaving, say: nothing };
  await expect(runOnce(parts)).rejects.toThrow(message);
  expect(await engine.list({}, new AbortController().signal)).toEqual([]);
});
