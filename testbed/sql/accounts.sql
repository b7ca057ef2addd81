-- Accounts and roles. They come first: routines, views and events name them as definers.
-- Every password is a demo password and starts with "demo-".
CREATE OR REPLACE ROLE demo_reader;
CREATE OR REPLACE ROLE demo_writer WITH ADMIN CURRENT_USER;
CREATE OR REPLACE ROLE `demo role, with-odd 'name'`;

CREATE OR REPLACE USER 'demo_app'@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('demo-app');
CREATE OR REPLACE USER 'demo_owner'@'localhost' IDENTIFIED BY 'demo-owner';
-- The definer of routines, triggers and views, which are checked against its rights at once.
GRANT ALL PRIVILEGES ON *.* TO 'demo_owner'@'localhost' WITH GRANT OPTION;
CREATE OR REPLACE USER 'demo_report'@'%' IDENTIFIED BY 'demo-report';
CREATE OR REPLACE USER 'demo_proxy'@'10.77.0.0/255.255.0.0' IDENTIFIED BY 'demo-proxy';
CREATE OR REPLACE USER 'demo_limited'@'%' IDENTIFIED BY 'demo-limited'
    REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 1000 MAX_USER_CONNECTIONS 5;
CREATE OR REPLACE USER 'demo_locked'@'%' IDENTIFIED BY 'demo-locked' ACCOUNT LOCK;
CREATE OR REPLACE USER 'demo_expiring'@'%' IDENTIFIED BY 'demo-expiring' PASSWORD EXPIRE INTERVAL 90 DAY;
CREATE OR REPLACE USER 'demo_either'@'localhost'
    IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('demo-either');
CREATE OR REPLACE USER 'demo o''brien "the" `boss`\\'@'%' IDENTIFIED BY 'demo-''"\\`$(x)';
CREATE OR REPLACE USER 'demo_größe'@'%' IDENTIFIED BY 'demo-größe-😀';
-- Two open doors, which a copy is expected to close.
CREATE OR REPLACE USER 'demo_nopassword'@'%';
CREATE OR REPLACE USER ''@'%';
