-- Close the file of the copy.
detach labour_migration;
