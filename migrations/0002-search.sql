-- A text column may hold several values, joined by a backslash, where the Standard allows one. Looking for an exact value
-- asks for the column or for one of these few rows; without this index that "or" would read the whole table.
create index studies_multi_valued on studies (study_id) where multi_valued;
