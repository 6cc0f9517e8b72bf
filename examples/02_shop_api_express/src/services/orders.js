'use strict';

const customers = require('../repositories/customers');
const orders = require('../repositories/orders');
const products = require('../repositories/products');
const Problem = require('./problem');

async function priced({ product: id, quantity }) {
  const product = await products.find(id);
  if (!product) throw new Problem(404, 'not_found');
  if (product.stock < quantity) throw new Problem(409, 'out_of_stock');
  return { product, quantity, cents: product.cents * quantity };
}

async function place({ customer, lines }) {
  if (!(await customers.find(customer))) throw new Problem(404, 'not_found');
  const found = await Promise.all(lines.map(priced));
  await Promise.all(found.map(({ product, quantity }) => (
    products.setStock(product.id, product.stock - quantity))));
  const total = found.reduce((sum, { cents }) => sum + cents, 0);
  return orders.add({ customer, lines, total });
}

module.exports = { place };
