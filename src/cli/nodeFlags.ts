declare const PLANCTON_NODE_FLAGS: readonly string[] | undefined;
declare const PLANCTON_NODE_ENVIRONMENT: Readonly<Record<string, string>> | undefined;

/**
 * Flags of Node that keep a daemon small over weeks (no optimising compiler, small young generation, no worker pool):
 * set once by the build, which writes them into the launcher too.
 */
export const nodeFlags: readonly string[] =
  typeof PLANCTON_NODE_FLAGS === 'undefined' ? [] : PLANCTON_NODE_FLAGS;

/** The environment that does the same for the C library and libuv. */
export const nodeEnvironment: Readonly<Record<string, string>> =
  typeof PLANCTON_NODE_ENVIRONMENT === 'undefined' ? {} : PLANCTON_NODE_ENVIRONMENT;
