import { describe, expect, it } from 'vitest';
import { explainCheck } from '../../src/config/explain.ts';
import { parseSettings } from '../../src/config/load.ts';

const told = (text: string): string[] => explainCheck('c', parseSettings(text)).trimEnd().split('\n');

describe('what is wrong', () => {
  it.each([
    ['max_docks: ncpu - 2', /column 1: ncpu is not known here \(did you mean ncpus\?\); there is ncpus, /],
    ['max_docks: mni(ncpus, 2)', /column 1: there is no function mni \(did you mean min\?\); there is min, /],
    ['max_docks: zebra', /column 1: zebra is not known here; there is ncpus, /],
    [
      'devices: [{PathOnHost: /dev/fuse, PathInContainr: /x}]',
      /^error: c:1:11 devices\[0\]: expected a device .*, found a mapping with PathInContainr \(did you mean PathInContainer\?\)$/,
    ],
    ['devices: [{PathOnHost: /dev/fuse, zebra: 1}]', /, found a mapping with zebra$/],
    [
      'devices: [{pathonhost: /dev/fuse}]',
      /, found a mapping with pathonhost \(did you mean PathOnHost\?\)$/,
    ],
    ['devices: [{PathInContainer: /x}]', /, found a mapping without PathOnHost$/],
    ['devices: [{PathOnHost: 3}]', /, found a mapping with 3 as PathOnHost$/],
    ['devices: [7]', /, found 7$/],
    [
      'pilots: {name: a, image: i, ulimits: {nofil: 3}}',
      /nofil: no limit that engines know \(did you mean nofile\?\)$/,
    ],
  ])('is told with what was most likely meant: %s', (text, expected) => {
    expect(told(text)[0]).toMatch(expected);
  });

  it('is told once, of a limit that no node can work out', () => {
    expect(told('max_docks: 1/0')).toEqual([
      expect.stringMatching(/^error: c:1:12 max_docks: cannot be worked out on a node .*division by zero$/),
      'c: 1 error: it would not be put in force',
    ]);
  });

  it('is a warning, of a limit that some nodes can work out', () => {
    expect(told('max_docks: 1/(ncpus - 1)')).toEqual([
      expect.stringMatching(/^warning: c:1:12 max_docks: cannot be worked out on a node with 1 CPUs /),
      'c: good, with 1 warning',
    ]);
  });
});
