"""A delivery becomes raw rows, or rejections with a reason.

`loading.load_feed` is the way in. In the order of the work: `delivery` (folders and files), `manifest` (what the
supplier says), `csv_files` and `sources` (files as relations), `parsing` (values), `rules` and `repeats` (which rows
are rejected), `pseudonym` and `masking` (nobody is shown), `reading` (all of that together), `history` (rows in
their place), `ledger` (the books).
"""
