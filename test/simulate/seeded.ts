/** Numbers from 0 to 1 that are the same in every run: mulberry32, a 32-bit generator in the public domain. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number between two, the same for the same key: chance that does not depend on the order of questions. */
export function chanceOf(key: number, least = 0, most = 1): number {
  return least + (most - least) * seeded(Math.imul(key + 1, 0x9e3779b1))();
}

/** Columns of equal width, for tables that tests print and compare. */
export function tableText(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String));
  const widths = (texts[0] ?? []).map((_, column) =>
    Math.max(...texts.map((row) => row[column]?.length ?? 0)),
  );
  return texts
    .map((row) => row.map((text, column) => text.padStart(widths[column] ?? 0)).join('  '))
    .join('\n');
}
