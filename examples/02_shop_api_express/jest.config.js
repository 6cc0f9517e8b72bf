'use strict';

module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/tests/**/*.test.js'],
  setupFiles: ['./tests/setup.js'],
  collectCoverageFrom: ['src/**/*.js', '!src/server.js', '!src/repositories/mongo_store.js'],
  coverageThreshold: { global: { lines: 85 } },
};
