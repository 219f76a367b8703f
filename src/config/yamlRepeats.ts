import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  visit,
  type YAMLMap,
} from 'yaml';

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
  if (!isScalar(key)) return '';
  // the parser's mark of a key that merges
  return typeof key.value === 'symbol' ? (key.value.description ?? '') : String(key.value);
}

/**
 * What stands at `path`: of keys that are given more than once, the last. An index leads nowhere in a mapping, which stands
 * alone for a list of one. Does not follow aliases.
 */
export function nodeAt(document: Document.Parsed, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, step) => innerNode(node, step), document.contents);
}

function innerNode(node: unknown, step: string | number): unknown {
  if (isMap(node)) return typeof step === 'number' ? node : pairOf(node, step)?.value;
  return isSeq(node) ? node.items[Number(step)] : undefined;
}

/** What aliases stand for: finding it takes a look through the whole document. */
const targets = new WeakMap<Alias, unknown>();

function targetOf(alias: Alias, document: Document.Parsed): unknown {
  if (!targets.has(alias)) targets.set(alias, alias.resolve(document));
  return targets.get(alias);
}

/** The same, followed through aliases and what is merged by `<<`. */
export function valueNodeAt(document: Document.Parsed, path: readonly (string | number)[]): unknown {
  const resolved = (node: unknown): unknown => (isAlias(node) ? targetOf(node, document) : node);
  return path.reduce<unknown>((node, step) => {
    const inner = resolved(innerNode(node, step));
    if (inner !== undefined || !isMap(node)) return inner;
    const merged = resolved(pairOf(node, '<<')?.value);
    const sources = isSeq(merged) ? merged.items.map(resolved) : [merged];
    return sources.map((source) => resolved(innerNode(source, step))).find((found) => found !== undefined);
  }, document.contents);
}

/** The pair of a mapping with this key: the last, where there are several. */
export function pairOf(
  map: YAMLMap,
  name: string | number | undefined,
): YAMLMap['items'][number] | undefined {
  return map.items.findLast(({ key }) => (isScalar(key) ? nameOf(key) : key) === name);
}
