"""The only place that reads the environment; .env.example names every variable."""

import os

from cryptography.fernet import Fernet

_read = os.environ.get

PORT = int(_read("PORT", "3000"))
HOST = _read("HOST", "0.0.0.0")
ENVIRONMENT = _read("ENVIRONMENT", "development")
LOG_LEVEL = _read("LOG_LEVEL", "INFO")
STORE = _read("STORE", "memory")
MONGO_URI = _read("MONGO_URI", "")
ALLOWED_ORIGINS = [o for o in _read("ALLOWED_ORIGINS", "").split(",") if o]
RATE_LIMIT = _read("RATE_LIMIT", "100/minute")
BCRYPT_COST = int(_read("BCRYPT_COST", "10"))
DATA_KEY = _read("DATA_KEY", "") or Fernet.generate_key()
