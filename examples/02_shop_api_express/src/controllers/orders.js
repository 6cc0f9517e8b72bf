'use strict';

const service = require('../services/orders');
const view = require('../views/shop');

const create = async (req, res) => {
  res.status(201).json(view.order(await service.place(req.body)));
};

module.exports = { create };
