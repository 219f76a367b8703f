import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Prints the one closing line that machines read: `N passed, N failed`, and what was skipped when something was. Before
 * it a line for each failure, so that whoever sees only the end of the output knows what to look at.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        count[state] += 1;
        if (state === 'failed') tellFailure(module, test.fullName, errors);
      }
      if (module.state() === 'failed' && module.children.size === 0) {
        count.failed += 1;
        tellFailure(module, 'the file itself', module.errors());
      }
    }
    const skipped = count.skipped + count.pending;
    process.stdout.write(
      `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
  }
}

function tellFailure(module: TestModule, test: string, errors: readonly SerializedError[] | undefined): void {
  const what = (errors?.[0]?.message ?? 'no reason was given').split('\n')[0];
  process.stdout.write(`FAIL ${module.relativeModuleId} > ${test}: ${what}\n`);
}
