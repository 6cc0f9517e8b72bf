'use strict';

const { z } = require('zod');

// What a sign-up must look like; unknown fields are dropped.
const newCustomer = z.object({
  name: z.string().trim().min(1).max(100),
  email: z.string().trim().toLowerCase().email(),
  password: z.string().min(10).max(72),
});

module.exports = { newCustomer };
