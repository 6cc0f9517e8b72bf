'use strict';

const { collection } = require('./store');

const products = () => collection('products');

const add = (product) => products().insert(product);
const find = (id) => products().find(id);
const list = () => products().list();
const setStock = (id, stock) => products().update(id, { stock });

module.exports = {
  add, find, list, setStock,
};
