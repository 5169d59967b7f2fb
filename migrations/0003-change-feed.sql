-- The feed is also read by time. A row that is numbered is dated no earlier than the one before it, and no earlier than
-- the end of a time span that was read already: whoever reads span after span misses nothing either.
alter table last_change add column at timestamptz not null default '-infinity';

update changes set at = dated.at
from (select change_id, max(at) over (order by sequence) as at from changes where sequence is not null) as dated
where changes.change_id = dated.change_id and changes.at <> dated.at;

update last_change set at = coalesce((select max(at) from changes where sequence is not null), at);

-- Both hold numbered rows only, so that storing an instance does not pay for them.
create index changes_at on changes (at, sequence) where sequence is not null;
create index changes_of_instance on changes (sop_instance_uid, sequence) where sequence is not null;
