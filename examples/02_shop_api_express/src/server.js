'use strict';

const createApp = require('./app');
const { host, port } = require('./config/env');
const logger = require('./config/logger');
const catalogue = require('./services/catalogue');

async function main() {
  await catalogue.stock();
  const server = createApp().listen(port, host, () => logger.info({ port }, 'listening'));
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
}

main();
