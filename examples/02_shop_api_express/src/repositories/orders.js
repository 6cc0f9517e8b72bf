'use strict';

const crypto = require('crypto');
const { collection } = require('./store');

const add = (order) => collection('orders').insert({ id: crypto.randomUUID(), ...order });

module.exports = { add };
