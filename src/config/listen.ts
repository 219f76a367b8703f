import { isIP, isIPv6 } from 'node:net';
import type { ListenAddress } from '../model/settings.ts';
import { Unfit } from './fields.ts';

/** Where the page and the metrics are by default: on this node alone. The port spells PLAN on a telephone's keys. */
const defaults: ListenAddress = { host: '127.0.0.1', port: 7526 };

/**
 * `listen`: an address and a port, either of which may be left out, or `none` (null). `*` is every address of the node.
 * Port 0 is any that is free. Errors: `Unfit`.
 */
export function parseListen(raw: string): ListenAddress | null {
  const text = raw.trim().toLowerCase();
  if (['none', 'off', 'no', 'false'].includes(text)) return null;
  if (/^\d+$/.test(text)) return { ...defaults, port: portOf(text) };
  if (isIPv6(text)) return { ...defaults, host: text };
  const [, host, port] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(text) ?? [];
  if (host === undefined || port === '') throw new Unfit();
  return { host: hostOf(host), port: port === undefined ? defaults.port : portOf(port) };
}

/** An address as `listen` has it. */
export function writeListen(address: ListenAddress | null): string {
  if (address === null) return 'none';
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}

function hostOf(text: string): string {
  const bare = text.startsWith('[') ? text.slice(1, -1) : text;
  if (bare === '' || (text !== bare && !isIPv6(bare))) throw new Unfit();
  if (bare === '*') return '::';
  if (bare === 'localhost') return defaults.host;
  if (isIP(bare) === 0) throw new Unfit('a name may stand for an address that is not this node’s');
  return bare;
}

function portOf(text: string): number {
  const port = Number(text);
  if (port > 65_535) throw new Unfit('65535 is the highest port');
  return port;
}

/** One entry of `listen_names`: a host name or an IP address, without a port. Errors: `Unfit`. */
export function parseHostName(raw: string): string {
  const text = raw.trim().toLowerCase().replace(/\.$/, '');
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return bare;
  if (/:\d+$/.test(text)) throw new Unfit('a port is not part of a name');
  const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
  if (text.length > 253 || !text.split('.').every((part) => label.test(part))) throw new Unfit();
  return text;
}
