/** Marks a branch that the types rule out; a value that gets here anyway is a defect of ours, and is named. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
