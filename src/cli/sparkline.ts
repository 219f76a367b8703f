const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const plain = ['_', '.', '-', '=', '+', '*', '%', '#'];

/**
 * Values as a small graph of one line, from 0 to the largest of them: so many characters at most, each the mean of as many
 * values. A space is what nobody knows.
 */
export function sparkline(values: readonly (number | null)[], width: number, isUnicode: boolean): string {
  const signs = isUnicode ? blocks : plain;
  const each = Math.max(1, Math.ceil(values.length / width));
  const means: (number | null)[] = [];
  for (let from = 0; from < values.length; from += each) {
    const known = values.slice(from, from + each).filter((value) => value !== null);
    means.push(known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length);
  }
  const most = Math.max(0, ...means.map((mean) => mean ?? 0));
  return means
    .map((mean) => {
      if (mean === null) return ' ';
      const height = most === 0 ? 0 : Math.min(signs.length - 1, Math.floor((mean / most) * signs.length));
      return signs[Math.max(0, height)];
    })
    .join('');
}

/** Whether a terminal with this environment shows more than ASCII (locale(7): the first that is set counts). */
export function showsUnicode(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return /utf-?8/i.test(locale);
}
