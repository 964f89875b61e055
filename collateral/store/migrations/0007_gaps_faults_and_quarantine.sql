-- What is wrong with a fix, when something is: kept and marked, never dropped. NULL: nothing is known against it.
--   zero  a receiver without a fix said (0, 0)
--   jump  no animal moves like this: there and back at once
ALTER TABLE reading ADD COLUMN fix_fault text;
