-- Numbers of signals per indicator and grade.
select indicator, grade, signals, lo95, hi95, is_suppressed, stand_in
from pub.signal_counts
order by indicator, grade;
