'use strict';

// The only place that reads the environment; .env.example names every variable.
const crypto = require('crypto');

const {
  PORT = '3000',
  HOST = '0.0.0.0',
  NODE_ENV = 'development',
  LOG_LEVEL = 'info',
  STORE = 'memory',
  MONGO_URI = '',
  ALLOWED_ORIGINS = 'https://shop.example',
  RATE_LIMIT = '100',
  BCRYPT_COST = '10',
  DATA_KEY = '',
} = process.env;

module.exports = Object.freeze({
  port: Number(PORT),
  host: HOST,
  mode: NODE_ENV,
  logLevel: LOG_LEVEL,
  store: STORE,
  mongoUri: MONGO_URI,
  allowedOrigins: ALLOWED_ORIGINS.split(',').filter(Boolean),
  rateLimit: Number(RATE_LIMIT),
  bcryptCost: Number(BCRYPT_COST),
  dataKey: DATA_KEY ? Buffer.from(DATA_KEY, 'hex') : crypto.randomBytes(32),
});
