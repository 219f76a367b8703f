import { seeded } from '../../src/replay/seeded.ts';

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
