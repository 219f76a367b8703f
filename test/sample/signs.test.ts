import { describe, expect, it } from 'vitest';
import type { OwnerSigns } from '../../src/model/host.ts';
import { noSignSettings, type SignSettings } from '../../src/model/signSettings.ts';
import { readOnBattery } from '../../src/sample/battery.ts';
import { createNode } from '../../src/sample/node.ts';
import { signReader } from '../../src/sample/signs.ts';
import { hottestOf, sensorFiles } from '../../src/sample/temperature.ts';
import { addTo, type Files, treeOf } from './tree.ts';

const neverAsked = (): Promise<string> => Promise.reject(new Error('nobody has a screen'));

function signsOf(files: Files, settings: Partial<SignSettings>, wallMs = 0): OwnerSigns {
  return signReader(treeOf(files), { ...noSignSettings, ...settings }, neverAsked)(0, wallMs);
}

describe('signs of the owner', () => {
  it('are not looked for unless they are asked for', () => {
    const nothing = { userIdleMs: null, onBattery: null, programs: null, temperatureC: null, window: null };
    expect(signsOf({}, {})).toEqual(nothing);
    expect(createNode(treeOf({}), 0).sample({ nowMs: 0, wallMs: 0, pilotIds: [] }).signs).toEqual(nothing);
  });

  it('that are asked for and cannot be read are unknown, and say why', () => {
    const signs = signsOf({}, { battery: true, programs: ['x'], maxTemperatureC: 80 });
    const reasons = [signs.onBattery, signs.programs, signs.temperatureC].map(
      (reading) => reading !== null && !reading.known && reading.reason,
    );
    expect(reasons).toEqual([
      expect.stringMatching(/power_supply: ENOENT$/),
      expect.stringMatching(/^the processes of others are hidden \(.*\/proc\/1\/comm: ENOENT\)$/),
      'this node has no temperature sensor that the kernel knows',
    ]);
  });

  it('are asked for through the node, and can be taken back', () => {
    const node = createNode(treeOf({ '/sys/class/x': '' }), 0, neverAsked);
    const question = { nowMs: 0, wallMs: 0, pilotIds: [] };
    node.useSigns({ ...noSignSettings, battery: true });
    expect(node.sample(question).signs.onBattery).toEqual({ known: true, value: false });
    node.useSigns(noSignSettings);
    expect(node.sample(question).signs.onBattery).toBeNull();
  });

  it('of time are told each time anew, whatever the clock does', () => {
    const schedule = [{ days: [4], beginMinute: 60, endMinute: 120, zone: null }];
    const read = signReader('', { ...noSignSettings, schedule }, neverAsked);
    const minute = 60_000;
    const weekMs = 7 * 24 * 60 * minute;
    expect(read(0, 0).window).toEqual({ open: false, changesInMs: 60 * minute });
    expect(read(0, 59 * minute).window).toEqual({ open: false, changesInMs: minute });
    expect(read(0, 60 * minute).window).toEqual({ open: true, changesInMs: 60 * minute });
    expect(read(0, 120 * minute).window).toEqual({ open: false, changesInMs: weekMs - 60 * minute });
    expect(read(0, 61 * minute).window).toEqual({ open: true, changesInMs: 59 * minute });
  });

  it('have each their own pace', () => {
    const root = treeOf({ '/sys/class/thermal/thermal_zone0/temp': '50000\n' });
    const read = signReader(root, { ...noSignSettings, maxTemperatureC: 80 }, neverAsked);
    const degrees = (nowMs: number): unknown => read(nowMs, 0).temperatureC;
    expect(degrees(0)).toEqual({ known: true, value: 50 });
    addTo(root, { '/sys/class/thermal/thermal_zone0/temp': '90000\n' });
    expect(degrees(9999)).toEqual({ known: true, value: 50 });
    expect(degrees(10_000)).toEqual({ known: true, value: 90 });
  });
});

describe('the battery', () => {
  const supply = (name: string, files: Files): Files =>
    Object.fromEntries(
      Object.entries(files).map(([file, text]) => [`/sys/class/power_supply/${name}/${file}`, `${text}\n`]),
    );
  const mains = (online: string): Files => supply('AC', { type: 'Mains', online });
  const battery = (status: string, scope?: string): Files =>
    supply('BAT0', { type: 'Battery', status, ...(scope === undefined ? {} : { scope }) });

  it.each<[string, Files, boolean]>([
    ['a desktop', { '/sys/class/power_supply/': '' }, false],
    ['a kernel without such a class', { '/sys/class/net/': '' }, false],
    ['a laptop on its battery', { ...mains('0'), ...battery('Discharging') }, true],
    ['a laptop that charges', { ...mains('1'), ...battery('Charging') }, false],
    [
      'a laptop whose load is more than its charger gives',
      { ...mains('1'), ...battery('Discharging') },
      false,
    ],
    [
      'a laptop that charges by USB',
      { ...mains('0'), ...supply('C', { type: 'USB', online: '1' }), ...battery('Discharging') },
      false,
    ],
    ['a laptop with a full battery', { ...mains('0'), ...battery('Full') }, false],
    ['a tablet', battery('Discharging'), true],
    ['a desktop with a wireless mouse', battery('Discharging', 'Device'), false],
    ['a UPS in a power cut', supply('ups', { type: 'UPS', status: 'Discharging' }), true],
  ])('%s', (_, files, expected) => {
    expect(readOnBattery(treeOf(files))).toEqual({ known: true, value: expected });
  });

  it('that cannot be read is not taken for mains', () => {
    expect(readOnBattery(treeOf({ '/sys/class/power_supply/BAT0/other': '' })).known).toBe(false);
    expect(readOnBattery(treeOf({})).known).toBe(false);
  });

  it('of this node can be told', () => {
    expect(readOnBattery('').known).toBe(true);
  });
});

describe('the temperature', () => {
  const hottest = (files: Files): unknown => hottestOf(sensorFiles(treeOf(files)));

  it('is that of the hottest sensor', () => {
    expect(
      hottest({
        '/sys/class/thermal/thermal_zone0/temp': '45000\n',
        '/sys/class/thermal/cooling_device0/temp': '99000\n',
        '/sys/class/hwmon/hwmon0/temp1_input': '61500\n',
        '/sys/class/hwmon/hwmon0/temp1_crit': '99000\n',
        '/sys/class/hwmon/hwmon1/temp12_input': '-2000\n',
      }),
    ).toEqual({ known: true, value: 61.5 });
  });

  it('is not that of a sensor that is asleep or not there', () => {
    const zone = (number: number): string => `/sys/class/thermal/thermal_zone${number}/temp`;
    expect(
      hottest({ [zone(0)]: '', [zone(1)]: '255000\n', [zone(2)]: '-273000\n', [zone(3)]: '40000\n' }),
    ).toEqual({
      known: true,
      value: 40,
    });
    expect(hottest({ [zone(0)]: '', [zone(1)]: '255000\n' })).toMatchObject({
      known: false,
      reason: expect.stringContaining('thermal_zone') as string,
    });
  });
});
