/**
 * The configuration that `--dryrun` makes: valid as it is, and meaning the same as an empty file. A line that begins
 * with `#` and a key is an example that may be taken as it stands.
 */
export const dryrunConfiguration = `# The configuration of Plancton. Every key may be left out: these are the defaults.
# "planctonctl check" tells whether this file is right; a change is noticed at once.

# What a pilot is: the container that is started again and again.
docker_image: busybox
docker_cmd: /bin/sleep 60
#user_group: 0:0
#binds: [/cvmfs:/cvmfs]

# What one pilot may use: CPUs (fractions are allowed), bytes of memory and of swap.
cpus_per_dock: 1
max_dock_mem: 2000000000
max_dock_swap: 0

# How many pilots may run at once: a number, or an expression of ncpus, ram_bytes, max_dock_mem and the like.
#max_docks: ncpus - 2

# How long one pilot may run, in seconds.
max_ttl: 43200

# Seconds between two reports; seconds of CPU shortage before a pilot has to go; seconds after that before new ones.
main_sleep: 30
grace_kill: 120
grace_spawn: 60

# Where to send monitoring: an InfluxDB database.
#influxdb_url: http://127.0.0.1:8086#plancton
`;
