-- What reviewers decided on review cases.
select case_ref, reviewer, decided_on, verdict, legal_ground, explanation
from raw.review_verdicts
where valid_until_delivery is null
order by case_ref, reviewer;
