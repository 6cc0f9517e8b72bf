'use strict';

const crypto = require('crypto');
const { dataKey } = require('../config/env');
const { collection } = require('./store');

const customers = () => collection('customers');

function seal(text) {
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('aes-256-gcm', dataKey, iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

function open(sealed) {
  const data = Buffer.from(sealed, 'base64');
  const decipher = crypto.createDecipheriv('aes-256-gcm', dataKey, data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(12, 28));
  return Buffer.concat([decipher.update(data.subarray(28)), decipher.final()]).toString('utf8');
}

// Equal addresses have equal marks, so that one can be found without being stored.
const mark = (email) => crypto.createHmac('sha256', dataKey).update(email).digest('hex');

const plain = ({ id, name, email }) => ({ id, name: open(name), email: open(email) });

async function add({ name, email, passwordHash }) {
  const id = crypto.randomUUID();
  const document = {
    id, name: seal(name), email: seal(email), mark: mark(email), passwordHash,
  };
  await customers().insert(document);
  return plain(document);
}

async function find(id) {
  const document = await customers().find(id);
  return document && plain(document);
}

async function hasEmail(email) {
  return Boolean(await customers().findBy('mark', mark(email)));
}

module.exports = { add, find, hasEmail };
