'use strict';

const pino = require('pino');
const { logLevel } = require('./env');

module.exports = pino({
  level: logLevel,
  base: { service: 'shop-api' },
  formatters: { level: (label) => ({ level: label }) },
  redact: ['req.headers.authorization', 'req.headers.cookie'],
});
