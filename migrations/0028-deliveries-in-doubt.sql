-- What a receiver took in another form than it was sent, or had already when it came: it may have something else, so that its
-- confirmation is no proof that what was sent is there.
alter table deliveries add column in_doubt boolean not null default false;
update deliveries set in_doubt = true where status = 'accepted' and answer like '%(B006)%';
