import { join } from 'node:path';

declare const CHECKOUT: string;

/** A path in this checkout. */
export function inCheckout(...parts: string[]): string {
  return join(CHECKOUT, ...parts);
}
