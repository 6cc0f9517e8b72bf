'use strict';

const request = require('supertest');
const createApp = require('../../src/app');
const { clear } = require('../../src/repositories/memory_store');
const catalogue = require('../../src/services/catalogue');

const ada = { name: 'Ada', email: 'ada@example.com', password: 'a long password' };
let app;

beforeEach(async () => {
  clear();
  await catalogue.stock();
  app = createApp();
});

const signUp = async () => (await request(app).post('/api/customers').send(ada)).body.id;

test('a customer signs up and orders what is there', async () => {
  const customer = await signUp();
  const lines = [{ product: 'tea', quantity: 2 }];
  const order = await request(app).post('/api/orders').send({ customer, lines });
  expect(order.status).toBe(201);
  expect(order.body.total).toBe(900);
  const tea = await request(app).get('/api/products/tea');
  expect(tea.body.stock).toBe(18);
});

test.each([
  [404, 'not_found', { lines: [{ product: 'moon', quantity: 1 }] }],
  [409, 'out_of_stock', { lines: [{ product: 'mug', quantity: 99 }] }],
  [400, 'invalid', { lines: [] }],
  [400, 'invalid', { customer: { $gt: '' } }],
])('an order that cannot be is answered with %i %s', async (status, code, part) => {
  const answer = await request(app).post('/api/orders').send({ customer: await signUp(), ...part });
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
});

test('an order needs a customer', async () => {
  const customer = '6f0c1a5e-3f0e-4a63-9f57-0d0b6f7b6d10';
  const lines = [{ product: 'tea', quantity: 1 }];
  const answer = await request(app).post('/api/orders').send({ customer, lines });
  expect(answer.status).toBe(404);
});

test('the products are listed', async () => {
  const answer = await request(app).get('/api/products');
  expect(answer.body.products.map(({ id }) => id)).toEqual(['tea', 'mug']);
});

test('errors are told in the language asked for', async () => {
  const answer = await request(app).get('/nothing').set('Accept-Language', 'de');
  expect(answer.body.error).toEqual({ code: 'not_found', message: 'Hier ist nichts' });
});

test('what is no JSON is refused in the same shape', async () => {
  const answer = await request(app).post('/api/orders').type('json').send('{"a":');
  expect([answer.status, answer.body.error.code]).toEqual([400, 'bad_json']);
});

test('a foreign origin is refused', async () => {
  const answer = await request(app).get('/api/products').set('Origin', 'https://foreign.example');
  expect(answer.status).toBe(403);
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

test('requests are counted', async () => {
  await request(app).get('/api/products');
  const answer = await request(app).get('/metrics');
  expect(answer.text).toContain('http_requests_total{method="GET",status="200"}');
});
