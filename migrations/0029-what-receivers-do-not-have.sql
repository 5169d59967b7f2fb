-- What a receiver says it does not have is none that it could not tell about: it counts as not delivered, although it was accepted.
alter table deliveries add column missing boolean not null default false;
