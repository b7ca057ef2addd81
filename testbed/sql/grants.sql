-- Rights on every level; they come last because they name objects.
GRANT USAGE ON *.* TO 'demo_app'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, CREATE TEMPORARY TABLES ON shop.* TO 'demo_app'@'%';
GRANT SELECT ON `odd-db ``x`` ünï ☃`.* TO 'demo_app'@'%';
GRANT SELECT ON `under\_score\_%`.* TO 'demo_app'@'%';
GRANT SELECT ON crm.contact TO 'demo_report'@'%';
GRANT SELECT (id, name), UPDATE (name) ON shop.customer TO 'demo_report'@'%';
GRANT EXECUTE ON FUNCTION shop.price_with_tax TO 'demo_report'@'%';
GRANT EXECUTE ON PROCEDURE crm.contacts_of TO 'demo_report'@'%' WITH GRANT OPTION;
GRANT PROCESS, RELOAD ON *.* TO 'demo o''brien "the" `boss`\\'@'%';
GRANT SELECT ON `select`.`order` TO 'demo o''brien "the" `boss`\\'@'%';
GRANT SELECT ON shop.product TO 'demo_nopassword'@'%';
GRANT PROXY ON 'demo_app'@'%' TO 'demo_proxy'@'10.77.0.0/255.255.0.0';

GRANT SELECT ON shop.* TO demo_reader;
GRANT SELECT ON crm.* TO demo_reader;
GRANT INSERT, UPDATE ON shop.* TO demo_writer;
GRANT demo_reader TO demo_writer;
GRANT demo_reader TO 'demo_report'@'%';
GRANT demo_writer TO 'demo_app'@'%' WITH ADMIN OPTION;
GRANT `demo role, with-odd 'name'` TO 'demo_größe'@'%';
SET DEFAULT ROLE demo_reader FOR 'demo_report'@'%';
