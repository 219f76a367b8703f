/** What `docs/configuration.md` says before the keys of kinds. */
export const kindsGuide = `A node that serves more than one community, or pilots of more than one size, lists its **kinds** of pilots:

\`\`\`yaml
max_docks: ncpus - 1
max_ttl: 12h
binds: [/cvmfs:/cvmfs]

pilots:
  - name: physics
    image: registry.example.org/physics/pilot:2.1
    command: [/usr/bin/pilot, --queue, long]
    env:
      SITE: NORTH
      QUEUE: long
    env_file: /etc/plancton/physics.env
    cpus: 4
    memory: 8GB
    share: 3
    stop_grace: 5m
    outcomes: {75: no-work}

  - name: biology
    image: registry.example.org/biology/worker:1.4
    env: [SITE=NORTH]
    memory: 1.5GiB
    tmpfs: ["/tmp:size=512m"]
    binds: []
    max: 6
    ttl: 2h
    schedule: mon-fri 18:00-08:00
    backoff: {first: 30s, max: 30m}
\`\`\`

Each entry needs a \`name\` and an \`image\`. What an entry does not say, and a key at the top of the file says, is as it
is there: here \`biology\` has one CPU, and \`binds: []\` takes back what the top binds. A
command that is not said is what the image itself runs; \`docker_cmd\` is not for kinds.

- **Which kinds there are.** Without \`pilots\` there is one, called \`default\`, made of the keys at the top; it is what the
  original ran, and behaves so: no \`fizzle\`, no \`log_rate\`, no \`ttl_jitter\`. With \`pilots\`, the kinds are those of the
  list. \`default\` is one of them, the first, only where \`docker_image\` or \`docker_cmd\` is written in the file.
- **Names of the top are faults in an entry**: there it is \`image\`, not \`docker_image\`, and \`memory\`, not
  \`max_dock_mem\`. In \`max_docks\`, \`max_dock_mem\` and \`max_dock_swap\` are those of the top of the file, whatever kinds have.
- **How many.** \`max_docks\` is the limit on all pilots together. A slot that is free goes to the kind that has had the
  least CPU time in relation to its \`share\`, among those that have work, room and an open \`schedule\`.
- **Pilots without work.** A pilot says what happened by its exit code (\`outcomes\`), or by living for less than
  \`fizzle\`. A kind whose pilots find no work, or fail, waits longer and longer (\`backoff\`), and the others have its room.
- **Changes** of a kind are for new pilots. One that runs keeps what it was started with, over restarts of the daemon and when
  its kind is taken out of the file: its limits, \`ttl\`, \`stop_grace\`, \`stop_signal\`, \`log_rate\`, \`fizzle\` and \`outcomes\`.
  \`planctonctl renew [KIND]\` has those that run replaced. What is about a kind and not about one of its pilots is as the file
  has it now: \`share\`, \`max\`, \`enabled\`, \`schedule\`, \`backoff\`. And a change of \`max_ttl\` reaches the pilots of the kind
  \`default\` that the top of the file makes, as it did with the original.
- **What repeats** may be written once, by what YAML has for that: \`- &base {name: a, image: …}\`, then
  \`- {<<: *base, name: b}\`.

A bad list is told of whole: \`planctonctl check\` names every fault in every entry with line and column, as in
\`pilots[1].memory\`.`;
