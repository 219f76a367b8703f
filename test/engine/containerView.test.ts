import { describe, expect, it } from 'vitest';
import { detailOf, stateOf, summaryOf, wallMsOf } from '../../src/engine/containerView.ts';

describe('what an engine tells of a container', () => {
  it.each([
    ['created', 'created'],
    ['configured', 'created'],
    ['running', 'running'],
    ['restarting', 'running'],
    ['paused', 'paused'],
    ['exited', 'ended'],
    ['stopped', 'ended'],
    ['dead', 'ended'],
    ['removing', 'ended'],
    ['something-new', 'running'],
  ])('state %s is %s', (state, ours) => {
    expect(stateOf(state)).toBe(ours);
  });

  it('has its own name, not that of a link, and a full image id', () => {
    const ImageID = 'a'.repeat(64);
    expect(summaryOf({ Id: 'c', Names: ['/web/db', '/db'], ImageID, State: 'running' })).toEqual({
      id: 'c',
      name: 'db',
      imageId: `sha256:${ImageID}`,
      labels: {},
      state: 'running',
    });
  });

  it.each([
    ['0001-01-01T00:00:00Z', null],
    ['', null],
    [undefined, null],
    ['yesterday', null],
    ['1970-01-01T00:00:01.5Z', 1500],
    ['1970-01-01T01:00:01.000250+01:00', 1000.25],
  ])('stamp %j is %j', (stamp, wallMs) => {
    expect(wallMsOf(stamp)).toBe(wallMs);
  });

  it('never has a pilot end before it starts', () => {
    const State = {
      Status: 'exited',
      ExitCode: 3,
      StartedAt: '2026-01-01T00:00:00.010Z',
      FinishedAt: '2026-01-01T00:00:00.005Z',
    };
    const detail = detailOf({ Id: 'c', State }, true);
    expect(detail).toMatchObject({ exitCode: 3, pid: null, endedAtWallMs: detail.startedAtWallMs });
  });

  it('has no end while it runs again', () => {
    const State = {
      Status: 'running',
      Pid: 7,
      ExitCode: 0,
      StartedAt: '2026-01-01T00:00:02Z',
      FinishedAt: '2026-01-01T00:00:01Z',
    };
    expect(detailOf({ Id: 'c', State }, true)).toMatchObject({ pid: 7, exitCode: null, endedAtWallMs: null });
  });

  it.each([
    ['/data/c.log', true, '/data/c.log'],
    ['/data/c.log', false, null],
    ['', true, null],
    [undefined, true, null],
  ])('has its log at %j, on this node: %j, as %j', (LogPath, isLocal, logPath) => {
    expect(detailOf({ Id: 'c', ...(LogPath === undefined ? {} : { LogPath }) }, isLocal).logPath).toBe(
      logPath,
    );
  });
});
