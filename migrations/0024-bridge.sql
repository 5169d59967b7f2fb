-- Values of Specific Character Set that a peer understands, the best first, backslashes between several.
alter table peers add column character_sets text[] not null default '{}';
