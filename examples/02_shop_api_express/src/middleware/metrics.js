'use strict';

const client = require('prom-client');

const register = new client.Registry();
client.collectDefaultMetrics({ register });
const requests = new client.Counter({
  name: 'http_requests_total',
  help: 'Requests answered, by method and status',
  labelNames: ['method', 'status'],
  registers: [register],
});

const count = (req, res, next) => {
  res.on('finish', () => requests.inc({ method: req.method, status: res.statusCode }));
  next();
};

const show = async (req, res) => {
  res.type(register.contentType).send(await register.metrics());
};

module.exports = { count, show };
