import { startPodman } from '../support/podman.ts';
import { startRegistry } from '../support/registry.ts';
import { engineContract } from './engineContract.ts';
import { realHarness } from './realHarness.ts';

engineContract('Podman', async () => {
  const registry = await startRegistry();
  const podman = await startPodman({ insecureRegistries: [registry.host] }).catch(async (error: unknown) => {
    await registry.stop();
    throw error;
  });
  return realHarness({
    product: 'podman',
    socket: podman.socket,
    networkMode: 'none',
    hasInit: false,
    registry,
    halt: () => podman.halt(),
    stop: async () => {
      await podman.stop();
      await registry.stop();
    },
  });
});
