import type { Readable } from 'node:stream';
import { EngineError, type EngineFault, type PullProgress } from '../model/engine.ts';
import { createLineReader } from './eventStream.ts';
import { type Asked, oneLine } from './faults.ts';
import { PullSum } from './pullProgress.ts';

/** What is used of one line of a pull's progress. */
interface PullLine {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/**
 * Reads a pull's progress to its end, calling `onPiece` at each piece, and `onProgress` with how far it is. The engine has said 200 before it begins, so
 * that what goes wrong is told inside the stream: rejects with the first such error.
 */
export async function readPull(
  stream: Readable,
  asked: Asked,
  onPiece: () => void,
  onProgress?: (progress: PullProgress) => void,
): Promise<void> {
  let failure: string | null = null;
  const sum = onProgress === undefined ? null : new PullSum();
  const read = createLineReader((line) => {
    const { error, errorDetail } = (typeof line === 'object' && line !== null ? line : {}) as PullLine;
    failure ??= errorDetail?.message ?? error ?? null;
    const progress = sum?.take(line) ?? null;
    if (progress !== null) onProgress?.(progress);
  });
  for await (const chunk of stream) {
    onPiece();
    read(chunk as Buffer);
  }
  if (failure !== null) {
    throw pullError(new EngineError('failed', `cannot ${asked.what}: ${oneLine(failure)}`));
  }
}

/** The same error with the fault that its words tell: registries' reasons come through the engine as text only. */
export function pullError(error: EngineError): EngineError {
  const fault = faultInWords(error.message) ?? error.fault;
  const hint =
    fault === 'denied' ? ' (give this user credentials with `docker login`, or check the name)' : '';
  const statusCode = error.statusCode === null ? {} : { statusCode: error.statusCode };
  return new EngineError(fault, `${error.message}${hint}`, { cause: error, ...statusCode });
}

function faultInWords(text: string): EngineFault | null {
  if (/unauthorized|authentication required|no basic auth|denied/i.test(text)) {
    return 'denied';
  }
  return /not found|manifest unknown|name unknown|does not exist/i.test(text) ? 'not-found' : null;
}
