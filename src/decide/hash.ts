/**
 * A number of a text, 0 to less than 1, spread evenly: what differs from pilot to pilot and from node to node, and is
 * the same each time it is asked for. FNV-1a with the final mixing of MurmurHash3, 32 bits.
 */
export function hashShare(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
