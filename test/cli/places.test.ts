import { describe, expect, it } from 'vitest';
import { placesFor } from '../../src/cli/places.ts';
import { placeWords } from '../../src/cli/placeWords.ts';

const root = { uid: 0, homeFolder: '/root' };
const ann = { uid: 1000, homeFolder: '/home/ann' };

describe('places', () => {
  it('of root are the original’s', () => {
    expect(placesFor(root, {})).toEqual({
      configFile: '/etc/plancton/config.yaml',
      logFolder: '/var/log/plancton',
      runFolder: '/var/run/plancton',
      pidFile: '/var/run/plancton.pid',
      stateFolder: '/var/lib/plancton',
    });
  });

  it.each([
    ['a user', ann, {}, '/home/ann'],
    ['root with --user', root, { user: true }, '/root'],
  ])('of %s are in the home folder', (_who, person, options, home) => {
    expect(placesFor(person, options)).toEqual({
      configFile: `${home}/.plancton/conf/config.yaml`,
      logFolder: `${home}/.plancton/log`,
      runFolder: `${home}/.plancton/run`,
      pidFile: `${home}/.plancton/run/plancton.pid`,
      stateFolder: `${home}/.plancton/state`,
    });
  });

  it.each([root, ann])('are changed by the options, whoever asks', (person) => {
    const options = { confdir: '/a', logdir: '/b', rundir: '/c', statedir: '/d', pidfile: '/e/pid' };
    expect(placesFor(person, options)).toEqual({
      configFile: '/a/config.yaml',
      logFolder: '/b',
      runFolder: '/c',
      pidFile: '/e/pid',
      stateFolder: '/d',
    });
  });

  it('a run folder of one’s own takes PID file and state with it', () => {
    expect(placesFor(root, { rundir: '/c' })).toMatchObject({
      pidFile: '/c/plancton.pid',
      stateFolder: '/c/state',
    });
    // The usual one by its name is no other.
    expect(placesFor(root, { rundir: '/var/run/plancton' })).toEqual(placesFor(root, {}));
  });

  it('are absolute, as the daemon changes its folder', () => {
    const here = process.cwd();
    const places = placesFor(ann, { confdir: 'a', logdir: 'b', rundir: 'c', pidfile: 'd', statedir: 'e' });
    expect(places).toEqual({
      configFile: `${here}/a/config.yaml`,
      logFolder: `${here}/b`,
      runFolder: `${here}/c`,
      pidFile: `${here}/d`,
      stateFolder: `${here}/e`,
    });
  });

  it('as words of a command line mean the same to anybody', () => {
    const places = placesFor(ann, { rundir: '/c' });
    const options = Object.fromEntries(placeWords(places).map((word) => word.slice(2).split('=')));
    expect(placesFor(root, options)).toEqual(places);
  });
});
