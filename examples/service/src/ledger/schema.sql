-- Rates are text: a floating-point number cannot hold "0.1".
CREATE TABLE IF NOT EXISTS rates (currency TEXT PRIMARY KEY, rate TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fetches (at TEXT NOT NULL, source TEXT NOT NULL) STRICT;
