/**
 * A reading of the world that may have failed. Unknown is not zero: whoever uses a reading has to say what happens
 * without it.
 */
export type Reading<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: string };

/** A reading that succeeded. */
export function known<T>(value: T): Reading<T> {
  return { known: true, value };
}

/** A reading that failed; `reason` is one line for the owner's eyes, such as "/proc/pressure/io: no such file". */
export function unknown<T = never>(reason: string): Reading<T> {
  return { known: false, reason };
}

/** The reading passed through `f` where it is known, the same unknown otherwise. */
export function mapReading<A, B>(reading: Reading<A>, f: (value: A) => B): Reading<B> {
  return reading.known ? known(f(reading.value)) : reading;
}

/** The value where it is known, `fallback` otherwise: for printing, or where the fallback is the careful side. */
export function readingOr<T, F>(reading: Reading<T>, fallback: F): T | F {
  return reading.known ? reading.value : fallback;
}
