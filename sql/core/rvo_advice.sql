-- Advice of RVO on self-employed persons, start-ups and their staff.
select
    advice_id,
    application_id,
    scheme,
    company_kvk,
    facilitator_kvk,
    received_on,
    advised_on,
    outcome,
    score_personal,
    score_business_plan,
    score_added_value,
    company_staff,
    is_innovative
from raw.rvo_advice
where valid_until_delivery is null
order by advice_id;
