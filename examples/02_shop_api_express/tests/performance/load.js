'use strict';

// A short load on the catalogue: fails where the 95th percentile is over the limit.
const autocannon = require('autocannon');
const createApp = require('../../src/app');
const catalogue = require('../../src/services/catalogue');

const LIMIT_MS = 250;

async function main() {
  await catalogue.stock();
  const server = createApp().listen(0);
  const url = `http://127.0.0.1:${server.address().port}/health`;
  const { latency } = await autocannon({ url, connections: 10, duration: 3 });
  server.close();
  process.stdout.write(`${JSON.stringify({ p97_5: latency.p97_5, limit: LIMIT_MS })}\n`);
  process.exitCode = latency.p97_5 > LIMIT_MS ? 1 : 0;
}

main();
