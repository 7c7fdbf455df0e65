-- Let go of the copy as the default database.
use memory;
