/** What is to be undone at the end, the latest first; noted before it is done, so that a failure half-way is tidied too. */
export interface Tidy {
  later(what: string, undo: () => Promise<void> | void): void;
  /** Undoes everything; what cannot be undone is told and does not keep the rest from being undone. Gives success. */
  now(): Promise<boolean>;
}

/** An empty list; `complain` is told what could not be undone. */
export function createTidy(complain: (text: string) => void): Tidy {
  const steps: { what: string; undo: () => Promise<void> | void }[] = [];
  return {
    later: (what, undo) => void steps.push({ what, undo }),
    async now() {
      let good = true;
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await step.undo();
        } catch (error) {
          good = false;
          complain(`could not remove ${step.what}: ${(error as Error).message}`);
        }
      }
      return good;
    },
  };
}
