-- Open the copy to be published, written so that older clients can read it.
attach $path as labour_migration (storage_version 'v1.2.0');
