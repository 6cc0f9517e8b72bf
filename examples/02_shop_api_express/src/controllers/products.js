'use strict';

const catalogue = require('../services/catalogue');
const view = require('../views/shop');

const list = async (req, res) => {
  res.json({ products: (await catalogue.list()).map(view.product) });
};

const show = async (req, res) => {
  res.json(view.product(await catalogue.find(req.params.id)));
};

module.exports = { list, show };
