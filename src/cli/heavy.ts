/** What `planctonctl` loads only when it is needed: the daemon, and the reading of configurations. */
export { check, showConfig } from './configCommands.ts';
export { runForeground } from './foreground.ts';
