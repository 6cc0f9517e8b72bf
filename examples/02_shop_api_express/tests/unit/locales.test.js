'use strict';

const de = require('../../locales/de.json');
const en = require('../../locales/en.json');

test('every message exists in every language', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
});
