-- Passcodes are encrypted by a key that is not in the database. Those that were written before stand as they are in
-- `user_passcode` until the peer is written again.
alter table peers
  add column sealed_user_passcode bytea,
  drop constraint passcode_has_user,
  add constraint passcode_has_user check ((user_passcode is null and sealed_user_passcode is null) or user_name is not null),
  add constraint one_passcode check (user_passcode is null or sealed_user_passcode is null);
