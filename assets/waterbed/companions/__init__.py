"""What stands beside every displacement estimate: for each event every doubt that fits it, with its answer.

Belongs here: choosing data for a design, asking it, telling the answer in words and rows. Does not belong here: the
designs themselves (`assets.waterbed.designs`) and the headline estimate.
"""
