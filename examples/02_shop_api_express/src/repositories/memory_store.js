'use strict';

// Collections in memory, by name: for tests, and where no MongoDB server is to be had.
const collections = new Map();

function collection(name) {
  if (!collections.has(name)) collections.set(name, new Map());
  const documents = collections.get(name);
  return {
    async insert(document) {
      documents.set(document.id, structuredClone(document));
      return document;
    },
    async find(id) {
      return structuredClone(documents.get(id)) ?? null;
    },
    async findBy(field, value) {
      return [...documents.values()].find((document) => document[field] === value) ?? null;
    },
    async list() {
      return [...documents.values()].map((document) => structuredClone(document));
    },
    async update(id, changes) {
      documents.set(id, { ...documents.get(id), ...changes });
    },
  };
}

function clear() {
  collections.clear();
}

module.exports = { collection, clear };
