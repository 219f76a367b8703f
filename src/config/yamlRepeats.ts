import { type Document, isMap, isPair, isScalar, isSeq, visit, type YAMLMap } from 'yaml';

/** A key that stands in one mapping more than once; offsets into the text. */
export interface Repeat {
  /** The keys of the mappings around it, and its own. */
  readonly names: readonly string[];
  /** Where it stands before, at least once. */
  readonly earlier: readonly number[];
  /** Where it stands last: that value is taken, as PyYAML took it for the original. */
  readonly last: number;
}

/** The keys that are given more than once, in whichever mapping. `<<` may be: each merges something. */
export function findRepeats(document: Document.Parsed): readonly Repeat[] {
  const repeats: Repeat[] = [];
  visit(document, {
    Map(_, map, path) {
      const around = path.filter((step) => isPair(step)).map((pair) => nameOf(pair.key));
      for (const [name, offsets] of offsetsByName(map)) {
        const last = offsets.at(-1) ?? 0;
        if (offsets.length > 1 && name !== '<<')
          repeats.push({ names: [...around, name], earlier: offsets.slice(0, -1), last });
      }
    },
  });
  return repeats;
}

function offsetsByName(map: YAMLMap): Map<string, number[]> {
  const offsets = new Map<string, number[]>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    offsets.set(nameOf(key), [...(offsets.get(nameOf(key)) ?? []), key.range?.[0] ?? 0]);
  }
  return offsets;
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

/** What stands at `path`: of keys that are given more than once, the last. Does not follow aliases. */
export function nodeAt(document: Document.Parsed, path: readonly (string | number)[]): unknown {
  let node: unknown = document.contents;
  for (const step of path) {
    if (isMap(node)) node = pairOf(node, step)?.value;
    else node = isSeq(node) ? node.items[Number(step)] : undefined;
  }
  return node;
}

/** The pair of a mapping with this key: the last, where there are several. */
export function pairOf(
  map: YAMLMap,
  name: string | number | undefined,
): YAMLMap['items'][number] | undefined {
  return map.items.findLast(({ key }) => (isScalar(key) ? String(key.value) : key) === name);
}
