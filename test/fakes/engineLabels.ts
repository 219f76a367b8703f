/** Whether labels match `label` or `label=value`. */
export function matchesLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = '', ...value] = wanted.split('=');
  const found = labels[key];
  return found !== undefined && (value.length === 0 || found === value.join('='));
}
