/** What `docs/configuration.md` says around its table of keys. */
export const configurationGuide = `<!-- Generated from src/config by "npm run generate": change it there. -->
# Configuration

Plancton reads one YAML file: \`/etc/plancton/config.yaml\` as root, \`~/.plancton/conf/config.yaml\` as any other user,
or \`config.yaml\` in the folder that \`--confdir\` names. Every key may be left out, and so may the file: without it,
pilots are \`busybox\` containers that sleep for a minute, two fewer than the node has CPUs.

A complete example:

\`\`\`yaml
# yaml-language-server: $schema=./config.schema.json
docker_image: registry.example.org:5000/grid/pilot:2.1
docker_cmd: [/usr/bin/pilot, --queue, short]
max_docks: min(ncpus - 2, ram_bytes // max_dock_mem)
cpus_per_dock: 1
max_dock_mem: 2GB
max_ttl: 12h
binds:
  - /cvmfs:/cvmfs
devices:
  - /dev/fuse
capabilities: [SYS_ADMIN]
influxdb_url: https://writer:secret@influx.example.org:8086#grid
engine:
  url: unix:///var/run/docker.sock
\`\`\`

- \`planctonctl check [FILE]\` names every fault of a file with line, column and key. It needs no daemon and no engine.
- \`planctonctl config\` prints what is in force, and where each value came from. Passwords are printed as \`***\`, and
  so are variables of pilots whose name speaks of a secret.
- A change is noticed at once, and at the latest after \`updateconfig\`. Pilots that run go on as they are;
  only a change of \`max_ttl\` reaches them.
- A file with a fault is not put in force: the last good one stays, and the log names every fault.
- A key that Plancton does not know is ignored with a warning. A key that is taken out goes back to its default.
- A key without a value has its default.
- The file is UTF-8, holds one YAML document, and has at most 1 MB.
- An editor that knows JSON Schema completes and checks the file by \`docs/config.schema.json\`: see the first line of the
  example. What \`check\` only warns of, an unknown key, it shows as deprecated.

## Units

- A **time** is a number of seconds, or a text with a unit: \`90s\`, \`15m\`, \`12h\`, \`2d\`, \`1w\`. Fractions are allowed.
- A **size** is a number of bytes, or a text with a unit: \`500MB\`, \`2GB\`, \`1TB\` count in thousands, \`512MiB\`, \`1.5GiB\`
  in 1024s.
- A **percentage** has its sign: \`5%\`. Where it is of a size, the two may be joined: \`5% up to 1GB\` is the lesser of them.
- **Yes or no** is \`true\` or \`false\`; \`yes\`, \`no\`, \`on\` and \`off\` are understood as well.
- Numbers may stand in quotes.
- Where a list is meant, a single entry may stand for a list of one.

## Files of the original Plancton

A file that the original took is taken, and means what it meant there. What of it may surprise gets a warning:

- Numbers are read as YAML 1.1 reads them: \`2_000_000_000\`, \`0x10\` (16), \`010\` (octal: 8), \`1:30\` (sixties: 90). In quotes,
  \`"5L"\` and \`"0x10"\` are numbers too, and in expressions.
- Of a key that is given twice, the last value is taken.
- \`no\`, \`off\` and \`false\` are 0 for \`max_docks\`, \`docks_per_loop\`, \`max_dock_swap\`, \`grace_kill\` and \`grace_spawn\`.
- \`main_sleep: 0\` had the original turn without a pause: it is taken as 1 s.
- \`updateconfig: 0\`, \`image_expiration: 0\` and \`max_ttl: 0\` meant in each of its loops: they are taken as \`main_sleep\`.
- \`docks_per_loop: 0\` starts nothing, as \`max_docks: 0\` does; pilots that run go on.
- \`max_dock_mem: 0\` meant no limit, which a guest cannot have: it is taken as the default.
- \`grace_kill: 0\` and \`grace_spawn: 0\` mean without waiting.

## What the times mean, exactly

Plancton looks at the node every second, and at once when a pilot ends. None of these keys slows that down.

- **\`main_sleep\`** is the pace of reporting to InfluxDB and to the log, and the stretch of time over which the use of CPUs
  is judged. A pilot that ends is replaced at once, whatever \`main_sleep\` says.
- **\`docks_per_loop\`** limits growth: in each \`main_sleep\`, at most so many slots that were *empty* are filled. Replacing a
  pilot that ended is not growth and is never limited by it.
- **\`grace_kill\`** is how long the owner of the node must have been short of CPU, without a break, before the youngest
  pilot is evicted.
- **\`grace_spawn\`** is how long nothing is started after an eviction. It counts from evictions only: a pilot that ends by
  itself, fails, or reaches \`max_ttl\` is replaced without waiting.
- **\`stop_grace\`** is the time that a pilot has to finish after its notice (SIGTERM), when it is evicted or reaches
  \`max_ttl\`; then it is killed.

[Kinds of pilots](#kinds-of-pilots) may have a \`ttl\` and a \`stop_grace\` of their own.

## What is not configured

- **The log of a pilot**, what it writes to its standard output and error, is bounded: two files of 10 MB where Docker's
  logging driver is \`json-file\` or \`local\`, one of them with Podman. These bounds stand before those of the engine's own
  configuration, whose other options hold. With any other driver, such as \`journald\`, the engine's configuration decides.
- **The image** is pulled when a pilot may start of it: neither with \`max_docks: 0\` nor while draining.

## Expressions

\`max_docks\` may be a number or an expression, worked out on the node. It means what it meant in Python 2:

- Names: \`ncpus\`, \`ram_bytes\` and \`swap_bytes\` of the node, \`max_dock_mem\` and \`max_dock_swap\` of this file (of its
  top, whatever [kinds of pilots](#kinds-of-pilots) have).
- Arithmetic: \`+ - * / // % **\`. **\`/\` of two whole numbers rounds down**: \`ncpus / 4 * 4\` is 4 on 6 CPUs; \`ncpus / 4.0\`
  does not. \`%\` has the sign of the divisor. \`-2 ** 2\` is -4.
- Comparisons \`< <= > >= == !=\`, also chained (\`2 < ncpus <= 8\`); \`and\`, \`or\`, \`not\`; \`a if condition else b\`.
- Functions: \`min\`, \`max\`, \`int\`, \`float\`, \`abs\`, and \`round\`, which rounds a half away from zero.
- The result is cut to a whole number, and a negative one counts as 0. Only the default sees to it that there is at least
  one pilot: what is written is taken as it is, so \`ncpus - 2\` is 0 on a node with 2 CPUs.
- At most 256 characters; whole numbers up to 2^53.

## Windows of time

\`schedule\` is one window of time or a list of them; pilots may run in any of them. A window is days, hours and a time
zone, in this order; what is left out means every day, the whole day, the node's own time zone.

- Days: \`mon\`, \`mon-fri\`, \`sat,sun\` (quoted where it stands in brackets), \`fri-mon\`.
- Hours: \`09:00-17:00\`; the end is not in them any more, and \`24:00\` is midnight at the end of the day. Hours that end
  before they begin run into the next day: \`fri 18:00-08:00\` ends on Saturday at 8.
- Time zone: a name such as \`Europe/Zurich\` or \`UTC\`.
- What counts is the clock on the wall. When clocks go forward, a window that would open in the hour that is left out
  opens right after it (and one that lies in it altogether does not open); when they go back, what is in the repeated hour holds both times.

## Somebody at the node

\`yield_to_user\` goes by two signs, and what shows in neither of them is not seen:

- **Terminals**: consoles, the windows of terminals, SSH sessions that have one, multiplexers. What counts is that a program
  there has read what was typed. Input devices themselves (evdev) are not read, so a mouse, a joystick or a key that no
  terminal gets is no sign. A session without a terminal (\`scp\`, \`ssh host command\`) is none either.
- **Screens**, X11 and Wayland, also those of a remote desktop that logs in: by logind's idle hint, which the desktop sets
  when nobody has touched anything for as long as *it* waits; \`user_away\` counts from then. One that never sets the hint
  (many a plain window manager) counts as in use for as long as somebody is logged in at it.

Without logind there is no idle hint. Where an X server has the first screen (\`:0\`), it cannot be told whether anybody is
there: nothing is started, and nothing is paused for it. Other screens (a further X server, Wayland, VNC) are not seen at all.

A daemon in a container sees the terminals and sessions of that container and not those of the node: there this key sees
nobody. With an engine on another machine the sign is of no account. Terminals of pilots and of other containers are no sign.

For a game, a film or a call, during which nobody types, there is
[\`yield_to_programs\`](#yield_to_programs).

<!-- keys -->
`;
