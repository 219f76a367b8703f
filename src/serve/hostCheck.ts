import { isIPv4 } from 'node:net';

/**
 * Whether a request whose `Host` header this is was meant for this node: for one of `names` (small letters), for this
 * machine as it calls itself (`localhost`, loopback addresses), or for the address that the connection was made to. A
 * page from elsewhere that has pointed its own name here (DNS rebinding) has that name in the header, which browsers let
 * no script change.
 */
export function isMeantForUs(
  header: string | undefined,
  localAddress: string | undefined,
  names: ReadonlySet<string>,
): boolean {
  const host = hostIn(header);
  if (host === null) return false;
  if (host === 'localhost' || isLoopback(host)) return true;
  return host === plainAddress(localAddress ?? '') || names.has(host);
}

/** Whether an address is this machine as it calls itself. */
export function isLoopback(address: string | undefined): boolean {
  const plain = plainAddress(address ?? '');
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** The names by which a node of this name, which its administrator also calls `further`, is asked. */
export function namesOf(hostname: string, further: readonly string[]): ReadonlySet<string> {
  const own = hostname.toLowerCase();
  return new Set([own, own.split('.')[0] ?? own, ...further].filter((name) => name !== ''));
}

/** Name or address of a `Host` header, without its port; null where it is none. */
function hostIn(header: string | undefined): string | null {
  const text = header?.toLowerCase() ?? '';
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/.exec(text) ?? [];
  if (plain !== undefined) return plain.replace(/\.$/, '');
  // Addresses of version 6 have many spellings, of which a URL knows the one.
  const url = `http://[${bracketed}]`;
  return bracketed !== undefined && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : null;
}

/** A socket that listens at `::` tells version 4 addresses in version 6's terms (RFC 4291, 2.5.5.2). */
function plainAddress(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');
}
