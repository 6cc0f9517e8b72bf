'use strict';

const express = require('express');
const customers = require('../controllers/customers');
const orders = require('../controllers/orders');
const products = require('../controllers/products');
const validate = require('../middleware/validate');
const { newCustomer } = require('../models/customer');
const { newOrder } = require('../models/order');
const { productId } = require('../models/product');

const router = express.Router();

// Express 4 does not wait for a handler: what it throws goes to the handler of errors.
const waited = (handler) => (req, res, next) => handler(req, res, next).catch(next);

router.get('/products', waited(products.list));
router.get('/products/:id', validate('params', productId), waited(products.show));
router.post('/customers', validate('body', newCustomer), waited(customers.create));
router.post('/orders', validate('body', newOrder), waited(orders.create));

module.exports = router;
