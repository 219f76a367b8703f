import { known, type Reading, unknown } from '../model/reading.ts';
import { listFolder, readKernelFile } from './kernelFile.ts';

/** What no part of a running computer has: sensors that are not connected tell such things. */
const believable = { aboveC: -40, belowC: 150 };

/** The files of all sensors: thermal zones and hardware monitors (Documentation/ABI/testing/sysfs-class-thermal, -hwmon). */
export function sensorFiles(root: string): readonly string[] {
  const inside = (folder: string): readonly string[] => {
    const names = listFolder(`${root}${folder}`);
    return names.known ? names.value.map((name) => `${root}${folder}/${name}`) : [];
  };
  const zones = inside('/sys/class/thermal').filter((path) => /\/thermal_zone\d+$/.test(path));
  const monitors = inside('/sys/class/hwmon').flatMap((path) => {
    const names = listFolder(path);
    const inputs = names.known ? names.value.filter((name) => /^temp\d+_input$/.test(name)) : [];
    return inputs.map((name) => `${path}/${name}`);
  });
  return [...zones.map((path) => `${path}/temp`), ...monitors];
}

/** The hottest of these sensors in degrees Celsius (they tell thousandths); some may be asleep, but not all. */
export function hottestOf(files: readonly string[]): Reading<number> {
  if (files.length === 0) return unknown('this node has no temperature sensor that the kernel knows');
  let hottest: number | null = null;
  let reason = '';
  for (const file of files) {
    const text = readKernelFile(file);
    const milli = text.known && /^-?\d+\s*$/.test(text.value) ? Number(text.value) : Number.NaN;
    const degrees = milli / 1000;
    if (degrees > believable.aboveC && degrees < believable.belowC) {
      hottest = Math.max(hottest ?? degrees, degrees);
    } else reason = text.known ? `${file}: tells ${text.value.trim().slice(0, 20)}` : text.reason;
  }
  return hottest === null ? unknown(reason) : known(hottest);
}
