'use strict';

// Nothing but the store in memory, whatever the machine's environment says.
process.env.STORE = 'memory';
process.env.MONGO_URI = '';
process.env.LOG_LEVEL = 'silent';
process.env.BCRYPT_COST = '4';
