import { EngineError } from '../model/engine.ts';
import type { EngineEndpoint, EngineTls } from './endpoint.ts';

/** Longest path of a unix socket that the kernel takes (unix(7): 108 bytes with the closing zero). */
const socketPathLimitBytes = 107;
const plainPort = 2375;
const tlsPort = 2376;

/**
 * The endpoint of an address: `unix:///path`, `tcp://host[:port]`, `http://…`, `https://…`. `tls` is asked for when the
 * address is not a socket: what certificates there are, or null for plain HTTP (`https` uses TLS in any case). Throws
 * `EngineError` ('rejected') that names who gave the address, and never prints a user or password in it.
 */
export function endpointOfUrl(url: string, foundBy: string, tls: () => EngineTls | null): EngineEndpoint {
  if (url.startsWith('unix://')) {
    return socketEndpoint(url.slice('unix://'.length), foundBy);
  }
  const refuse = (why: string): EngineError =>
    new EngineError('rejected', `the engine's address from ${foundBy} cannot be used: ${why}`);
  if (/^ssh:/i.test(url)) {
    const instead = 'forward its socket (ssh -NL /run/plancton-engine.sock:/var/run/docker.sock host)';
    throw refuse(`ssh:// is not spoken here: ${instead} and use unix:///run/plancton-engine.sock`);
  }
  const parsed = parseUrl(url);
  if (parsed === null || parsed.parts.hostname === '') {
    throw refuse('expected unix:///path, tcp://host:port, http://host:port or https://host:port');
  }
  const { scheme, parts } = parsed;
  if (parts.username !== '' || parts.password !== '') {
    throw refuse('an engine takes no user and password; it knows its clients by certificate');
  }
  if (parts.pathname !== '' && parts.pathname !== '/') {
    throw refuse(`a path (${parts.pathname}) after the host is not supported`);
  }
  const given = tls();
  const settled = scheme === 'https' ? (given ?? { ca: null, cert: null, key: null, verify: true }) : given;
  const port = parts.port === '' ? (settled === null ? plainPort : tlsPort) : Number(parts.port);
  return { kind: 'tcp', host: parts.hostname.replace(/^\[|\]$/g, ''), port, tls: settled, foundBy };
}

/** The endpoint of a unix socket; the kernel would cut a path that is too long without a word. */
export function socketEndpoint(socketPath: string, foundBy: string): EngineEndpoint {
  const refuse = (why: string): EngineError =>
    new EngineError('rejected', `the engine's socket from ${foundBy} cannot be used: ${why}`);
  if (!socketPath.startsWith('/')) {
    throw refuse(`"${socketPath}" is not an absolute path: expected unix:///path`);
  }
  const bytes = Buffer.byteLength(socketPath);
  if (bytes > socketPathLimitBytes) {
    throw refuse(
      `its path has ${bytes} bytes, and a unix socket's may have ${socketPathLimitBytes}: use a shorter path or a link (${socketPath})`,
    );
  }
  return { kind: 'unix', socketPath, foundBy };
}

/** The parts of an address, or null when it is none. */
function parseUrl(url: string): { readonly scheme: string; readonly parts: URL } | null {
  const [, scheme = '', rest = ''] = /^(tcp|https?):\/\/(.*)$/is.exec(url) ?? [];
  try {
    // Parsed as tcp in any case: of http and https the parser would drop the ports 80 and 443.
    return scheme === '' ? null : { scheme: scheme.toLowerCase(), parts: new URL(`tcp://${rest}`) };
  } catch {
    return null;
  }
}
