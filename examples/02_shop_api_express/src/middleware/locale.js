'use strict';

const de = require('../../locales/de.json');
const en = require('../../locales/en.json');

const locales = { en, de };

const locale = (req, res, next) => {
  const language = req.acceptsLanguages(Object.keys(locales)) || 'en';
  req.say = (key) => locales[language][key];
  next();
};

module.exports = locale;
