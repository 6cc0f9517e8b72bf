'use strict';

const service = require('../services/customers');
const view = require('../views/shop');

const create = async (req, res) => {
  res.status(201).json(view.customer(await service.signUp(req.body)));
};

module.exports = { create };
