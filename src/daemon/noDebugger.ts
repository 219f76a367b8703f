/**
 * Node answers SIGUSR1 by opening its debugger on a port of this machine (nodejs.org, "Signal events"), which to a
 * daemon of root is a door for everybody here. A listener takes that answer's place. To be imported before all else.
 */
process.on('SIGUSR1', () => undefined);
