'use strict';

const customer = ({ id, name, email }) => ({ id, name, email });
const product = ({
  id, name, cents, stock,
}) => ({
  id, name, cents, stock,
});
const order = ({ id, lines, total }) => ({ id, lines, total });

module.exports = { customer, product, order };
