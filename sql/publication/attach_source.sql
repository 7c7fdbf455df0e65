-- Open the private warehouse beside the copy, for reading only.
attach $path as warehouse (read_only);
