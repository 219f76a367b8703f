import type { Secret } from '../model/secret.ts';

/** Certificates of a TLS endpoint, in PEM; null where none was given. */
export interface EngineTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: Secret | null;
  /** Whether the engine's certificate is checked. */
  readonly verify: boolean;
}

/** Where an engine is to be found; `foundBy` says who told us so ("DOCKER_HOST", "context desktop"). */
export type EngineEndpoint =
  | { readonly kind: 'unix'; readonly socketPath: string; readonly foundBy: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls: EngineTls | null;
      readonly foundBy: string;
    };

/** The endpoint as an address, fit for printing. */
export function printEndpoint(endpoint: EngineEndpoint): string {
  if (endpoint.kind === 'unix') {
    return `unix://${endpoint.socketPath}`;
  }
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${endpoint.tls === null ? 'http' : 'https'}://${host}:${endpoint.port}`;
}
