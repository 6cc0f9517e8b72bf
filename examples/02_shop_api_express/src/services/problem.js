'use strict';

// What went wrong, as a status and a key of the locale files.
class Problem extends Error {
  constructor(status, key) {
    super(key);
    this.status = status;
    this.key = key;
  }
}

module.exports = Problem;
