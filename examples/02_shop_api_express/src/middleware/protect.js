'use strict';

const cors = require('cors');
const { rateLimit } = require('express-rate-limit');
const helmet = require('helmet');
const env = require('../config/env');
const Problem = require('../services/problem');

const onlyHttps = (req, res, next) => {
  if (req.secure || env.mode !== 'production') return next();
  return res.redirect(308, `https://${req.hostname}${req.originalUrl}`);
};

const origins = cors({
  origin: (origin, done) => {
    const allowed = !origin || env.allowedOrigins.includes(origin);
    done(allowed ? null : new Problem(403, 'origin'), allowed);
  },
});

const limit = rateLimit({
  windowMs: 60_000,
  limit: env.rateLimit,
  standardHeaders: 'draft-7',
  legacyHeaders: false,
  handler: (req, res, next) => next(new Problem(429, 'too_many')),
});

module.exports = [helmet(), onlyHttps, origins, limit];
