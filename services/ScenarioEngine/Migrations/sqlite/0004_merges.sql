-- A revision that came of a merge has two parents: the one before it, and this one.
ALTER TABLE revision ADD COLUMN merged_id TEXT;
ALTER TABLE revision ADD COLUMN merged_revision INTEGER;
