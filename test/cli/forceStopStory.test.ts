import { describe, expect, it } from 'vitest';
import { ForceStopStory } from '../../src/cli/forceStopStory.ts';
import type { Status } from '../../src/model/status.ts';
import { pilot, status } from './status.ts';

const { engine, pilots } = status();
const with1 = { ...pilots, list: [pilot('aaaaaa'), pilot('bbbbbb', { managed: false })] };
const away: Status = status({
  pilots: with1,
  engine: { ...engine, answering: false, reason: 'nothing listens there' },
});
const here: Status = status({ pilots: with1 });

describe('what a force-stop says while it lasts', () => {
  it('is nothing as long as it is quick, then what is left', () => {
    const story = new ForceStopStory();
    expect(story.take(here, 0)).toBeNull();
    expect(story.take(here, 9999)).toBeNull();
    expect(story.take(here, 10_000)).toBe('Waiting for 1 pilot to be removed');
    expect(story.take(here, 19_999)).toBeNull();
    expect(story.take(here, 20_000)).not.toBeNull();
  });

  it('is at once that the engine is away, and since when now and then', () => {
    const story = new ForceStopStory();
    const text = 'Waiting for the container engine, which does not answer (nothing listens there)';
    expect(story.take(away, 0)).toBe(`${text}; 1 pilot known; given up after 60 s`);
    expect(story.take(away, 5000)).toBeNull();
    expect(story.take(away, 12_000)).toBe(`${text}, for 12 s now; 1 pilot known; given up after 60 s`);
    expect(story.troubles()).toEqual(['nothing listens there']);
    expect(story.take(here, 13_000)).toBe('Waiting for 1 pilot to be removed');
    expect(story.take(away, 14_000)).toBe(`${text}; 1 pilot known; given up after 60 s`);
  });

  it('is now and then that the daemon says nothing', () => {
    const story = new ForceStopStory();
    expect(story.take(null, 0)).toBeNull();
    expect(story.take(null, 10_000)).toMatch(/^Waiting for the daemon, .*planctonctl stop/);
    expect(story.take(null, 19_000)).toBeNull();
  });

  it('ends with what could not be removed', () => {
    const story = new ForceStopStory();
    story.take(status({ pilots: { ...with1, list: [pilot('aaaaaa', { trouble: 'it is held' })] } }), 0);
    expect(story.troubles()).toEqual(['it is held']);
  });
});
