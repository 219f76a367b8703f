declare const PLANCTON_NODE_FLAGS: readonly string[] | undefined;

/**
 * Flags of Node that keep a daemon small over weeks (no optimising compiler, small young generation, no worker pool):
 * set once by the build, which writes them into the launcher too.
 */
export const nodeFlags: readonly string[] =
  typeof PLANCTON_NODE_FLAGS === 'undefined' ? [] : PLANCTON_NODE_FLAGS;
