import { type SeriesGuide, seriesGuide } from './seriesGuide.ts';

/** The text of `docs/metrics.md`. */
export function metricsMarkdown(): string {
  return `${intro}\n\n${seriesGuide.map(describe).join('\n\n')}\n`;
}

function describe({ name, when, help, tags, fields }: SeriesGuide): string {
  const rows = Object.entries(fields).map(
    ([field, guide]) =>
      `| \`${field}\` | ${guide.type} | ${guide.unit} | ${guide.help}${guide.optional === true ? '; left out while it cannot be read' : ''} |`,
  );
  const tagRows = Object.entries(tags).map(([tag, what]) => `| \`${tag}\` | ${what} |`);
  return [
    `## ${name}`,
    `${help} Sent: ${when}.`,
    ['| tag | values |', '|---|---|', ...tagRows].join('\n'),
    ['| field | type | unit | what |', '|---|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}

const intro = `<!-- Generated from src/record/seriesGuide.ts by "npm run generate": change it there. -->
# Metrics

Plancton reports to any number of InfluxDB databases of version 1.x, 2.x and 3.x: see
[\`influxdb_url\`](configuration.md#influxdb_url) and [\`influxdb\`](configuration.md#influxdb). Without one it sends nothing.

\`\`\`yaml
influxdb:
  - url: https://influx.example.org:8086     # InfluxDB 2.x: a bucket
    token: "…"
    org: grid
    bucket: plancton
    tags: {site: north}
  - url: https://influx3.example.org:8181    # InfluxDB 3.x: a database and a token
    token: "…"
    database: plancton
    tls: {ca: /etc/plancton/tls/influx-ca.pem}
  - url: http://localhost:8086               # InfluxDB 1.x: a database; user and password stand in the URL
    database: plancton
\`\`\`

- **Names.** \`daemon\`, \`measurement\` and \`container\` are those of the original Plancton, unchanged. The others stand beside
  them. No name of a pilot, no id of a container and no digest of an image is a tag: what there is in a database grows with
  nodes and kinds, and not with pilots.
- **Types.** Every number is a float, all else is a string. What cannot be read is left out: a gap is true, a zero is not.
- **Times** are in microseconds, by the node's clock. Two points of one series and one instant are a microsecond apart.
- **Tags of your own** (\`tags\`) stand on every point that goes to that database.
- **When.** A daemon's first report comes at once, the second by chance after half to one and a half \`main_sleep\`, and from
  then on one in each: nodes that boot at the same moment do not report at the same moment ever after. How many nodes one
  database takes is told in [The fleet](fleet.md#how-many-nodes-a-database-takes).
- **How it travels.** In batches, compressed where the server takes that, with at most one request to a database at a time
  and ten seconds for each. A database in trouble holds up neither the daemon nor another database.
- **What cannot be sent** waits on the disk, in \`spool/\` of the state folder, up to 16 MB for each database; then the oldest
  points go for new ones, and the log says so. It is tried again after 1 s, 2 s, 4 s up to a minute, each time a random part
  of that; a server that names a time (\`Retry-After\`) is left alone for that time and up to half of it more. What waits
  outlives the daemon, however it ends, and is sent by the next one; a crash of the whole node may take the last seconds. A
  point may be sent twice, which a database takes for one. What waits for a database that is taken out of the configuration
  is kept for a week. What the disk does not take waits in memory, and is sent after all that is on the disk, also after
  newer points: their times are right, the order in which they come is not.
- **What is refused** for good, as a point of another type than a field has in the database, is searched out of its batch
  and given up with a line in the log; all others are stored.
- **A database that is missing** is made where that is possible with what a writer knows: in 1.x by \`CREATE DATABASE\`, where
  the user may, in 3.x by the server itself. A bucket of 2.x must be there.

InfluxDB 1.6 is what all of this is tested with. What 2.x and 3.x take and answer is tested against what their documentation
says, and not against such servers.`;
