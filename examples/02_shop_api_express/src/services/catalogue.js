'use strict';

const products = require('../repositories/products');
const Problem = require('./problem');

const ware = (id, name, cents, stock) => ({
  id, name, cents, stock,
});
const wares = [ware('tea', 'Tea', 450, 20), ware('mug', 'Mug', 1200, 5)];

const stock = () => Promise.all(wares.map(products.add));

const list = () => products.list();

async function find(id) {
  const product = await products.find(id);
  if (!product) throw new Problem(404, 'not_found');
  return product;
}

module.exports = { stock, list, find };
