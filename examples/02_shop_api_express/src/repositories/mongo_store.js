'use strict';

// The same collections in MongoDB.
const { MongoClient } = require('mongodb');
const { mongoUri } = require('../config/env');

let client;

async function connected(name) {
  if (!client) client = await new MongoClient(mongoUri).connect();
  return client.db().collection(name);
}

const shown = { projection: { _id: 0 } };

function collection(name) {
  return {
    async insert(document) {
      await (await connected(name)).insertOne({ ...document });
      return document;
    },
    async find(id) {
      return (await connected(name)).findOne({ id }, shown);
    },
    async findBy(field, value) {
      return (await connected(name)).findOne({ [field]: { $eq: value } }, shown);
    },
    async list() {
      return (await connected(name)).find({}, shown).toArray();
    },
    async update(id, changes) {
      await (await connected(name)).updateOne({ id }, { $set: changes });
    },
  };
}

module.exports = { collection };
