import { describe, expect, it } from 'vitest';
import { arrangeBoot } from '../../src/cli/bootstrap/boot.ts';
import type { BootPlan } from '../../src/cli/bootstrap/bootPlan.ts';
import { cronLine, crontabWith } from '../../src/cli/bootstrap/cron.ts';
import type { Machine, Ran } from '../../src/cli/bootstrap/machine.ts';
import { unitText } from '../../src/cli/bootstrap/systemd.ts';

const plan: BootPlan = {
  node: '/usr/bin/node',
  planctonctl: '/opt/plancton/bin/planctonctl',
  options: [],
  asUser: false,
  homeFolder: '/home/bob',
  command: 'planctonctl',
};
const ended = (code: number, stdout = '', stderr = ''): Ran => ({
  how: 'ended',
  code,
  stdout: Buffer.from(stdout, 'latin1'),
  stderr: Buffer.from(stderr),
});
const signal = new AbortController().signal;
const systemdFolder = '/run/systemd/system';
const unit = '/etc/systemd/system/plancton.service';

/** A machine in memory: `answers` gives what a command line comes to (0 where it says nothing). */
function machineWith(answers: Record<string, Ran>, files: Record<string, string> = {}) {
  const all = new Map(Object.entries({ [plan.planctonctl]: '', ...files }));
  const calls: string[] = [];
  const inputs: string[] = [];
  const machine: Machine = {
    run(program, args, { input }) {
      const line = [program, ...args.filter((arg) => !arg.startsWith('--no-'))].join(' ');
      calls.push(line);
      if (input !== undefined) inputs.push(input.toString('latin1'));
      return Promise.resolve(answers[line] ?? ended(0));
    },
    exists: (path) => all.has(path),
    readText: (path) => all.get(path) ?? null,
    writeText: (path, text) => void all.set(path, text),
  };
  return { machine, calls, inputs, files: all };
}

describe('a crontab', () => {
  const line = cronLine(plan);

  it('gets one line with absolute paths', () => {
    expect(line).toBe(
      '@reboot PLANCTON_NODE=/usr/bin/node /opt/plancton/bin/planctonctl start # plancton-bootstrap',
    );
    expect(crontabWith(line, '')).toBe(`${line}\n`);
  });

  it('keeps every other line, and ours once and where it was', () => {
    const old = '@reboot /old/node /old/planctonctl start # plancton-bootstrap';
    const others = [
      'MAILTO=x',
      '',
      '# plancton-bootstrap',
      '@reboot planctonctl start',
      '5 * * * * caf\xe9 ',
    ];
    const [first = '', ...rest] = others;
    const before = `${[first, old, ...rest, old].join('\n')}\n`;
    const after = crontabWith(line, before);
    expect(after).toBe(`${[first, line, ...rest].join('\n')}\n`);
    expect(crontabWith(line, after)).toBe(after);
  });

  it('without a last line feed gets one', () => {
    expect(crontabWith(line, 'MAILTO=x')).toBe(`MAILTO=x\n${line}\n`);
  });

  it('has what cron and the shell would read otherwise quoted', () => {
    const odd = cronLine({ ...plan, options: ['--confdir', "/srv/it's 5%"] });
    expect(odd).toContain(`--confdir '/srv/it'\\''s 5\\%' start #`);
  });

  it('is written when there was none, and not again when nothing changes', async () => {
    const none = machineWith({ 'crontab -l': ended(1, '', 'no crontab for bob\n') });
    const outcome = await arrangeBoot(plan, none.machine, signal);
    expect(outcome).toMatchObject({ arranged: true, startNow: 'planctonctl start' });
    expect(none.inputs).toEqual([`${line}\n`]);
    const there = machineWith({ 'crontab -l': ended(0, `a\n${line}\n`) });
    expect((await arrangeBoot(plan, there.machine, signal)).arranged).toBe(true);
    expect(there.calls).toEqual(['crontab -l']);
  });

  it('passes bytes of any encoding unharmed', async () => {
    const { machine, inputs } = machineWith({ 'crontab -l': ended(0, '# \xe9\xff\n') });
    await arrangeBoot({ ...plan, options: ['--confdir', '/srv/é'] }, machine, signal);
    expect(inputs[0]).toMatch(/^# \xe9\xff\n@reboot .*'\/srv\/\xc3\xa9' start/);
  });

  it.each<[string, Ran, RegExp]>([
    ['cannot be read', ended(1, '', 'you (bob) are not allowed to use this program'), /not allowed/],
    ['has no program', { how: 'missing' }, /no crontab program/],
    ['does not answer', { how: 'timeout' }, /did not end in time/],
  ])('that %s is not written, and the line is told', async (_, listed, why) => {
    const { machine, calls } = machineWith({ 'crontab -l': listed });
    const outcome = await arrangeBoot(plan, machine, signal);
    expect(calls).toEqual(['crontab -l']);
    expect(outcome).toMatchObject({ arranged: false, startNow: 'planctonctl start' });
    expect(outcome.lines.join('\n')).toMatch(why);
    expect(outcome.lines.join('\n')).toContain(line);
  });

  it('that does not take the line is told', async () => {
    const { machine } = machineWith({ 'crontab -': ended(1, '', 'disk full') });
    const outcome = await arrangeBoot(plan, machine, signal);
    expect(outcome.lines[0]).toBe('The start at boot was not arranged: crontab - ended with 1: disk full.');
  });
});

describe('a systemd unit', () => {
  it('starts the daemon in the foreground with its flags, and leaves pilots alone', () => {
    const lines = unitText({ ...plan, options: ['--confdir', '/srv/a b$c%'] }).split('\n');
    expect(lines).toContain('ExecStart=/opt/plancton/bin/planctonctl --confdir "/srv/a b$$c%%" nodaemon');
    for (const line of ['Type=notify', 'NotifyAccess=all', 'KillMode=process', 'Restart=on-failure']) {
      expect(lines).toContain(line);
    }
    expect(lines).toContain('WantedBy=multi-user.target');
  });

  it('is written and enabled, for the machine', async () => {
    const { machine, calls, files } = machineWith({}, { [systemdFolder]: '' });
    const outcome = await arrangeBoot(plan, machine, signal);
    expect(calls).toEqual(['systemctl daemon-reload', 'systemctl enable plancton.service']);
    expect(files.get(unit)).toBe(unitText(plan));
    expect(outcome).toMatchObject({ arranged: true, startNow: 'systemctl start plancton' });
  });

  it('is written and enabled, for a user, with a word on lingering', async () => {
    const { machine, calls, files } = machineWith({}, { [systemdFolder]: '' });
    const outcome = await arrangeBoot({ ...plan, asUser: true }, machine, signal);
    expect(calls).toEqual(['systemctl --user daemon-reload', 'systemctl --user enable plancton.service']);
    const text = files.get('/home/bob/.config/systemd/user/plancton.service');
    expect(text).toContain('WantedBy=default.target');
    expect(text).not.toContain('network-online');
    expect(outcome.lines.join('\n')).toContain('loginctl enable-linger');
    expect(outcome.startNow).toBe('systemctl --user start plancton');
  });

  it('of ours is written anew, of somebody else is left alone', async () => {
    const ours = machineWith({}, { [systemdFolder]: '', [unit]: unitText({ ...plan, node: '/old/node' }) });
    expect((await arrangeBoot(plan, ours.machine, signal)).arranged).toBe(true);
    expect(ours.files.get(unit)).toBe(unitText(plan));
    const theirs = machineWith({}, { [systemdFolder]: '', [unit]: '[Unit]\n' });
    const outcome = await arrangeBoot(plan, theirs.machine, signal);
    expect(outcome.arranged).toBe(false);
    expect(theirs.files.get(unit)).toBe('[Unit]\n');
    expect(theirs.calls).toEqual([]);
  });

  it('that cannot be enabled is told, with what to do', async () => {
    const bus = ended(1, '', 'Failed to connect to bus\n');
    const { machine } = machineWith({ 'systemctl enable plancton.service': bus }, { [systemdFolder]: '' });
    const outcome = await arrangeBoot(plan, machine, signal);
    expect(outcome).toMatchObject({ arranged: false, startNow: 'planctonctl start' });
    expect(outcome.lines.join('\n')).toMatch(/Failed to connect to bus[^]*systemctl daemon-reload && /);
  });
});

it('nothing is arranged for a planctonctl that is not there, or a path with a line break', async () => {
  const { machine, calls } = machineWith({});
  const missing = await arrangeBoot({ ...plan, planctonctl: '/nowhere/planctonctl' }, machine, signal);
  expect(missing.lines[0]).toContain('there is no /nowhere/planctonctl');
  const broken = await arrangeBoot({ ...plan, options: ['--confdir', '/a\nb'] }, machine, signal);
  expect(broken.lines[0]).toContain('line break');
  expect(calls).toEqual([]);
});
