import { startDocker } from '../support/docker.ts';
import { startRegistry } from '../support/registry.ts';
import { engineContract } from './engineContract.ts';
import { realHarness } from './realHarness.ts';

engineContract('Docker', async () => {
  const registry = await startRegistry();
  const docker = await startDocker().catch(async (error: unknown) => {
    await registry.stop();
    throw error;
  });
  return realHarness({
    product: 'docker',
    socket: docker.socket,
    networkMode: 'bridge',
    hasInit: true,
    registry,
    halt: () => docker.halt(),
    stop: async () => {
      await docker.stop();
      await registry.stop();
    },
  });
});
