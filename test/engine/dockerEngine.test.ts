import { describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import { kindOf } from '../support/kinds.ts';
import { answerJson, handshake, startScriptedEngine } from '../support/scriptedEngine.ts';

const signal = new AbortController().signal;

describe('the engine', () => {
  it('connects before it creates, and says once what it had to change', async () => {
    const scripted = await startScriptedEngine(({ path }, response) => {
      const answer = path === '/version' ? handshake.version : handshake.info;
      answerJson(response, 200, path.endsWith('/create') ? { Id: 'c1' } : answer);
    });
    const warnings: string[] = [];
    const endpoint = { kind: 'unix', socketPath: scripted.socket, foundBy: 'the test' } as const;
    const engine = createDockerEngine(endpoint, noRegistryAuth, (text) => warnings.push(text));
    const kind = kindOf({ securityOptions: ['apparmor=mine'] });
    for (const name of ['one', 'two']) {
      const spec = { name, hostname: 'h', kind, env: {}, binds: [], labels: {}, cgroupParent: null };
      expect(await engine.create(spec, signal)).toBe('c1');
    }
    await scripted.stop();
    expect(scripted.requests.map(({ path, query }) => path + (query.get('name') ?? ''))).toEqual([
      '/version',
      '/v1.41/info',
      '/v1.41/containers/createone',
      '/v1.41/containers/createtwo',
    ]);
    expect(warnings).toEqual(['security option apparmor=mine is left out: AppArmor is off on this engine']);
  });
});
