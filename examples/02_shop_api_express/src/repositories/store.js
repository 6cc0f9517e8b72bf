'use strict';

const { store } = require('../config/env');

// eslint-disable-next-line global-require -- the driver is loaded only where it is used
module.exports = store === 'mongo' ? require('./mongo_store') : require('./memory_store');
