'use strict';

const service = require('../../src/services/customers');
const { clear, collection } = require('../../src/repositories/memory_store');

const ada = { name: 'Ada', email: 'ada@example.com', password: 'a long password' };

beforeEach(clear);

test('a customer is stored with a hash and without plain text', async () => {
  const { id } = await service.signUp(ada);
  const stored = await collection('customers').find(id);
  expect(stored.passwordHash).toMatch(/^\$2[aby]\$/);
  expect(JSON.stringify(stored)).not.toContain('ada@example.com');
  expect(JSON.stringify(stored)).not.toContain('a long password');
});

test('an address has one account', async () => {
  await service.signUp(ada);
  await expect(service.signUp(ada)).rejects.toMatchObject({ status: 409, key: 'taken' });
});
