/**
 * The candidate that `word` was most likely meant to be, or null when none is near: at most a third of its letters
 * wrong, left out, too many, or swapped with a neighbour. Letter case and `-` for `_` do not count.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const plain = normalised(word);
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const distance = editDistance(plain, normalised(candidate));
    if (best === null || distance < best.distance) best = { candidate, distance };
  }
  const allowed = Math.max(1, Math.floor(plain.length / 3));
  return best !== null && best.distance <= allowed ? best.candidate : null;
}

/** The same as words to stand behind a fault; empty when none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near === null ? '' : ` (did you mean ${near}?)`;
}

function normalised(word: string): string {
  return word.slice(0, 64).toLowerCase().replaceAll('-', '_');
}

/** Optimal string alignment: Levenshtein's distance in which a swap of neighbours counts once. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const choices = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + cost];
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        choices.push(at(beforeLast, column - 2) + 1);
      }
      current.push(Math.min(...choices));
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
