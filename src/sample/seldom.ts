/**
 * A reading that is taken again only after a while: what it gave holds until then. A clock that runs backwards (a test,
 * another boot) counts as a while.
 */
export function seldom<T>(
  periodMs: number,
  read: (nowMs: number, wallMs: number) => T,
): (nowMs: number, wallMs: number) => T {
  let last: { readonly atMs: number; readonly value: T } | null = null;
  return (nowMs, wallMs) => {
    if (last === null || nowMs - last.atMs >= periodMs || nowMs < last.atMs) {
      last = { atMs: nowMs, value: read(nowMs, wallMs) };
    }
    return last.value;
  };
}
