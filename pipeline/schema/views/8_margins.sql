-- The one place that questions are answered from: a dimension's cells of closed and of open days, with the same columns.
-- `until` cuts open days only: of closed ones no times are left.
CREATE OR REPLACE VIEW margins AS
SELECT *
FROM closed(site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, open = {open:Date})
WHERE dim = {dim:String}
UNION ALL
SELECT *
FROM open(
    site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    time_zone = {time_zone:String}, open = {open:Date}, only = [{dim:String}])
