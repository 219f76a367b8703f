import { known, type Reading, unknown } from '../model/reading.ts';
import { isAbsent, listFolder, readKernelFile } from './kernelFile.ts';

/**
 * Whether the node runs on a battery or a UPS: one is being discharged, and nothing that brings power from outside says
 * that it does (Documentation/ABI/testing/sysfs-class-power). Batteries of mice and the like (`scope` Device) do not
 * count. A node without any supply in the list is not on battery.
 */
export function readOnBattery(root: string): Reading<boolean> {
  const folder = `${root}/sys/class/power_supply`;
  const names = listFolder(folder);
  if (!names.known) {
    // The kernel may be built without such a class; then there is nothing to run on but the mains.
    return isAbsent(names) && listFolder(`${root}/sys/class`).known ? known(false) : names;
  }
  let isDischarging = false;
  for (const name of names.value) {
    const word = (file: string): string => {
      const text = readKernelFile(`${folder}/${name}/${file}`);
      return text.known ? text.value.trim() : '';
    };
    const type = word('type');
    if (type === '') return unknown(`${folder}/${name}/type: cannot be read`);
    if (word('scope') === 'Device') continue;
    if (type !== 'Battery' && type !== 'UPS') {
      // 2 is "online, programmable": USB Power Delivery.
      if (Number(word('online')) > 0) return known(false);
    } else if (word('status') === 'Discharging') isDischarging = true;
  }
  return known(isDischarging);
}
