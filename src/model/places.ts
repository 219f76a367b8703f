/** Where one daemon keeps its files. All are absolute paths. */
export interface Places {
  readonly configFile: string;
  readonly logFolder: string;
  /** Control files, the status socket, the lock: gone after a reboot. */
  readonly runFolder: string;
  readonly pidFile: string;
  /** What must survive a reboot: the secret of the ownership proof, the memory of decisions. */
  readonly stateFolder: string;
}
