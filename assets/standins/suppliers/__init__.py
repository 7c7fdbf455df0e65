"""What each supplier sees of the world, in the shape of its contract.

Belongs here: one function per feed, from the world to contract columns. Delta feeds give versions of rows with the day
on which each became known (`known_on`); full feeds give the state on a day. Days are numbers since 1970-01-01 until
they are written. Does not belong here: faults of suppliers, files, calendars of delivery.
"""
