-- Make the copy the place where unqualified tables stand.
use labour_migration;
