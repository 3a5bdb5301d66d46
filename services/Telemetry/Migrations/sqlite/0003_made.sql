-- 1: the entity registry has the entity because its history told it so; it goes there with its history.
ALTER TABLE entity ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
