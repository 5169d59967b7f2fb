-- Which place a publisher led to when something left for it, as a fingerprint without secrets: what one receiver has confirmed
-- proves nothing about another. Of what left before this was known it counts as the place that the publisher leads to now.
alter table deliveries add column place text collate "C";
