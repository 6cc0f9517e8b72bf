'use strict';

const { z } = require('zod');

const newOrder = z.object({
  customer: z.string().uuid(),
  lines: z.array(z.object({
    product: z.string().min(1).max(40),
    quantity: z.number().int().min(1).max(100),
  })).min(1).max(50),
});

module.exports = { newOrder };
