/** What series are painted in, by their names: the same thing has the same colour on every panel. */
export type Palette = Readonly<Record<string, string>>;

/** Who has CPU or memory. */
export const users: Palette = {
  owner: 'blue',
  pilots: 'green',
  idle: 'light-gray',
  'free and cache': 'light-gray',
  all: 'light-gray',
};

/** Slots, and what pilots are doing. */
export const slots: Palette = {
  limit: 'red',
  'slots taken': 'green',
  running: 'green',
  paused: 'yellow',
  starting: 'light-blue',
  prepared: 'purple',
};

/** How pilots began and ended. */
export const lives: Palette = {
  started: 'green',
  finished: 'green',
  failed: 'red',
  'no-work': 'yellow',
  expired: 'blue',
  evicted: 'orange',
  'never-started': 'dark-red',
  lost: 'purple',
};

/** What daemons do. */
export const states: Palette = { active: 'green', draining: 'yellow', waiting: 'red', silent: 'dark-red' };
