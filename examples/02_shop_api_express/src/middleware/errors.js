'use strict';

const logger = require('../config/logger');
const Problem = require('../services/problem');

// Of all that can go wrong, the status and the key of the message.
function told(error) {
  if (error instanceof Problem) return error;
  if (error.type === 'entity.parse.failed') return new Problem(400, 'bad_json');
  if (error.status >= 400 && error.status < 500) return new Problem(error.status, 'invalid');
  logger.error({ error: { name: error.name, message: error.message } }, 'request failed');
  return new Problem(500, 'internal');
}

const notFound = (req, res, next) => next(new Problem(404, 'not_found'));

// Four parameters make it the handler of errors.
// eslint-disable-next-line no-unused-vars
const answerError = (error, req, res, next) => {
  const { status, key } = told(error);
  res.status(status).json({ error: { code: key, message: req.say ? req.say(key) : key } });
};

module.exports = { notFound, answerError };
