'use strict';

const { z } = require('zod');

const productId = z.object({ id: z.string().regex(/^[a-z0-9-]{1,40}$/) });

module.exports = { productId };
