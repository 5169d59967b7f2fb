-- As whom peers that want a user identity are called (PS3.7 D.3.3.7). A passcode goes out as it is, and so is kept.
alter table peers
  add column user_name text,
  add column user_passcode text,
  add constraint passcode_has_user check (user_passcode is null or user_name is not null);
