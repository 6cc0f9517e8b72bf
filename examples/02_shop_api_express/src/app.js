'use strict';

const express = require('express');
const pinoHttp = require('pino-http');
const logger = require('./config/logger');
const { answerError, notFound } = require('./middleware/errors');
const locale = require('./middleware/locale');
const metrics = require('./middleware/metrics');
const protect = require('./middleware/protect');
const api = require('./routes/api');

function createApp() {
  const app = express();
  app.set('trust proxy', 1);
  app.disable('x-powered-by');
  app.use(metrics.count);
  app.get('/health', (req, res) => res.json({ status: 'ok' }));
  app.get('/metrics', metrics.show);
  app.use(pinoHttp({ logger }));
  app.use(locale);
  app.use(protect);
  app.use(express.json({ limit: '50kb' }));
  app.use('/api', api);
  app.use(notFound);
  app.use(answerError);
  return app;
}

module.exports = createApp;
