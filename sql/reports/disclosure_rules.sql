-- The rules of disclosure control in force.
select rule, value, meaning
from pub.disclosure_rules
order by rule;
