declare const PLANCTON_VERSION: string | undefined;

/** The version of this build, written in by the bundler from package.json. */
export const version: string = typeof PLANCTON_VERSION === 'string' ? PLANCTON_VERSION : 'unbuilt';
