-- Which node has begun a bulk update last: what one writes that has lost its lock without knowing is refused.
alter table update_operations add column turn_id uuid;
