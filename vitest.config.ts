import { defineConfig } from 'vitest/config';

/**
 * Four sets: `unit` needs nothing but Node, and neither does `simulation`: sums of hours and weeks, in which no Node.js
 * differs from another. `real` starts engines, databases and registries of its own; `alone` does, too, and looks at the
 * load of this machine, on which no other test may run meanwhile: beside one, its pilots would yield.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/countReporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.real.test.ts', 'test/**/*.alone.test.ts', 'test/simulate/**'],
          pool: 'threads',
          testTimeout: 30_000,
          isolate: false,
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['test/simulate/**/*.test.ts'],
          pool: 'threads',
          testTimeout: 60_000,
          isolate: false,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'alone',
          include: ['test/**/*.alone.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
