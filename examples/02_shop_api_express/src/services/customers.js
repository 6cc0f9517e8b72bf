'use strict';

const bcrypt = require('bcryptjs');
const { bcryptCost } = require('../config/env');
const customers = require('../repositories/customers');
const Problem = require('./problem');

async function signUp({ name, email, password }) {
  if (await customers.hasEmail(email)) throw new Problem(409, 'taken');
  const passwordHash = await bcrypt.hash(password, bcryptCost);
  return customers.add({ name, email, passwordHash });
}

module.exports = { signUp };
