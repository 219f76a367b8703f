/** The rules that may say no to a start or ask a pilot to end. */
export type Rule =
  | 'starting-up'
  | 'engine'
  | 'image'
  | 'drain'
  | 'force-stop'
  | 'limit'
  | 'cpu'
  | 'memory'
  | 'disk'
  | 'io'
  | 'pressure'
  | 'user'
  | 'battery'
  | 'program'
  | 'temperature'
  | 'window'
  | 'pause'
  | 'profile'
  | 'grace-spawn'
  | 'growth'
  | 'back-off'
  | 'kind'
  | 'renew'
  | 'engine-restart'
  | 'removed'
  | 'ttl'
  | 'log'
  | 'in-flight';

/** Why something was or was not done: the rule, and a sentence with its numbers. */
export interface Reason {
  readonly rule: Rule;
  readonly text: string;
}
