-- Makes the temporary table free_movement: persons with the right of free movement in any record; they need no permit.
create or replace temp table free_movement as
select person_id from core.postings where worker_free_movement
union
select person_id from core.sightings where worker_free_movement
union
select person_id from core.permits where free_movement
union
select person_id from core.persons where free_movement;
