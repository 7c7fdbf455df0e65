-- Write everything into the file of the copy, so that no log beside it is needed.
checkpoint labour_migration;
