/**
 * The whole number that follows `label` and blanks in `text`, up to `end`: NaN where that is not so, or where the text
 * was cut before its end. A plain search: these run dozens of times at each tick, and a regular expression that is made
 * anew each time costs more than all else in a tick.
 */
export function numberAfter(text: string, label: string, end: string, from = 0): number {
  const at = text.indexOf(label, from);
  if (at < 0) return Number.NaN;
  const stop = text.indexOf(end, at + label.length);
  return stop < 0 ? Number.NaN : wholeNumber(text.slice(at + label.length, stop));
}

/** A whole number with nothing but blanks around it; NaN otherwise. */
export function wholeNumber(text: string): number {
  const digits = text.trim();
  const value = Number(digits);
  return digits !== '' && Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
}
