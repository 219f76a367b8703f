/**
 * Lets so many through at once, and then so many a second (a token bucket); gives false for who comes too often. `nowMs` is
 * any clock that never goes back.
 */
export function createGate(
  atOnce: number,
  perSecond: number,
  nowMs: () => number = () => performance.now(),
): () => boolean {
  let left = atOnce;
  let beforeMs = nowMs();
  return () => {
    const now = nowMs();
    left = Math.min(atOnce, left + ((now - beforeMs) / 1000) * perSecond);
    beforeMs = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
