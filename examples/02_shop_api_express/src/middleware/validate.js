'use strict';

const Problem = require('../services/problem');

// Replaces a part of the request by what the schema makes of it: unknown fields are gone.
const validate = (part, schema) => (req, res, next) => {
  const parsed = schema.safeParse(req[part]);
  if (!parsed.success) return next(new Problem(400, 'invalid'));
  req[part] = parsed.data;
  return next();
};

module.exports = validate;
