import { type EngineInfo, EngineError } from '../model/engine.ts';
import type { GpuRequest } from '../model/kind.ts';
import type { DeviceRequest } from './createBody.ts';
import { isApiAtLeast } from './engineInfo.ts';

/**
 * GPUs as the API has them. Throws an Error where this engine would leave the request out without a word: Docker before
 * API 1.40, and Podman's Docker API (5.x takes names of CDI devices there, and still no request for a GPU).
 */
export function gpuRequestsOf(gpus: GpuRequest | null, info: EngineInfo): readonly DeviceRequest[] {
  if (gpus === null) {
    return [];
  }
  if (info.product === 'podman') {
    throw new Error(
      'no GPU runtime: the Docker API of Podman passes no GPU requests on; give the device files of the GPU (`devices`) instead',
    );
  }
  if (!isApiAtLeast(info.apiVersion, '1.40')) {
    throw new Error(`no GPU runtime: Docker ${info.version} knows no GPU requests, 19.03 and later do`);
  }
  // Docker refuses a request that has both a count and ids.
  const count = gpus.count === 'all' ? -1 : gpus.count;
  const Count = gpus.ids.length > 0 ? 0 : count;
  return [{ Driver: '', Count, DeviceIDs: [...gpus.ids], Capabilities: [['gpu']] }];
}

/** Docker's own words (20.10, 28). */
const noDriver = /could not select device driver "[^"]*" with capabilities: \S*|no known GPU vendor found/;
/** The words of NVIDIA's hook, at the end of what the runtime says. */
const noDevice = /nvidia-container-cli: .*/;

/**
 * A failed start as what it is where GPUs are the reason; null where they are not. Docker looks for who can give GPUs at
 * the start only, and tells by these words alone.
 */
export function gpuFault(thrown: EngineError): EngineError | null {
  const why = gpuTrouble(thrown.message);
  if (why === null) {
    return null;
  }
  const message = `${thrown.message.split(': ', 1)[0] ?? ''}: ${why}`;
  const statusCode = thrown.statusCode === null ? {} : { statusCode: thrown.statusCode };
  return new EngineError('rejected', message, { cause: thrown, ...statusCode });
}

function gpuTrouble(told: string): string | null {
  const driver = noDriver.exec(told)?.[0];
  if (driver !== undefined) {
    return `no GPU runtime: the engine says "${driver}": install the NVIDIA Container Toolkit and restart the engine, or leave out "gpus"`;
  }
  const device = noDevice.exec(told)?.[0];
  return device === undefined ? null : `its GPUs cannot be had: ${device}`;
}
