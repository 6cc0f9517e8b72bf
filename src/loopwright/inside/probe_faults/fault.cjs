// Loaded before a Node application under probe: gives Express a route that fails, and tells which hashes bcrypt made.
'use strict';

const fs = require('fs');
const Module = require('module');

const { LOOPWRIGHT_FAULT: path, LOOPWRIGHT_FAULT_LOG: log, LOOPWRIGHT_CANARY: canary } = process.env;
const known = new WeakSet();
const load = Module._load;

function tell(name, secret, hash) {
  if (log && String(secret) === canary) fs.appendFileSync(log, `${JSON.stringify({ name, hash })}\n`);
}

function addFault(express) {
  const { application } = express;
  if (!application || typeof application.init !== 'function') return;
  const { init } = application;
  application.init = function initWithFault(...args) {
    init.apply(this, args);
    if (path) this.get(path, (request, response, next) => next(new Error('loopwright fault')));
  };
}

function watch(name, bcrypt) {
  const { hash, hashSync } = bcrypt;
  bcrypt.hashSync = function watchedSync(secret, ...rest) {
    const made = hashSync.call(this, secret, ...rest);
    tell(name, secret, made);
    return made;
  };
  bcrypt.hash = function watched(secret, salt, done, ...rest) {
    if (typeof done === 'function') {
      return hash.call(this, secret, salt, (error, made) => {
        if (!error) tell(name, secret, made);
        done(error, made);
      }, ...rest);
    }
    return hash.call(this, secret, salt, done, ...rest).then((made) => {
      tell(name, secret, made);
      return made;
    });
  };
}

Module._load = function loadWatched(...args) {
  const made = load.apply(this, args);
  const name = (/(?:^|node_modules[\\/])(express|bcrypt|bcryptjs)(?:[\\/]|$)/.exec(String(args[0])) || [])[1];
  if (!name || !made || (typeof made !== 'object' && typeof made !== 'function') || known.has(made)) return made;
  if (name === 'express') {
    known.add(made);
    addFault(made);
  } else if (typeof made.hash === 'function' && typeof made.hashSync === 'function') {
    known.add(made);
    watch(name, made);
  }
  return made;
};
