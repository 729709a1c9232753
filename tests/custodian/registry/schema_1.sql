CREATE TABLE epochs (
	epoch INTEGER NOT NULL, 
	recorded_at VARCHAR(24) NOT NULL, 
	source_name TEXT NOT NULL, 
	source_sha256 VARCHAR(64) NOT NULL, 
	source_rows INTEGER NOT NULL, 
	last_event INTEGER NOT NULL, 
	PRIMARY KEY (epoch)
);
INSERT INTO "epochs" VALUES(1,'2026-11-26T03:37:07.061Z','n.csv','40beb07f3042b4941deb1c96678bc09192df435b4afe93d5f38e8de95cdaadd6',2,2);
CREATE TABLE event_keys (
	event_id INTEGER NOT NULL, 
	scheme VARCHAR(80) NOT NULL, 
	value TEXT NOT NULL
);
INSERT INTO "event_keys" VALUES(1,'arrest_number','K14612345');
INSERT INTO "event_keys" VALUES(2,'arrest_number','M15000001');
INSERT INTO "event_keys" VALUES(1,'docket','2014KN012345');
CREATE TABLE event_persons (
	event_id INTEGER NOT NULL, 
	last_name TEXT, 
	first_name TEXT, 
	aliases TEXT, 
	birth_date VARCHAR(10), 
	arrest_date VARCHAR(10), 
	charge TEXT, 
	PRIMARY KEY (event_id)
);
INSERT INTO "event_persons" VALUES(1,'Doe',NULL,NULL,'1980-01-02',NULL,NULL);
CREATE TABLE events (
	event_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	seal_id TEXT NOT NULL, 
	event VARCHAR(8) NOT NULL, 
	regime VARCHAR(60), 
	effective_from VARCHAR(10) NOT NULL, 
	notified_on VARCHAR(10), 
	basis VARCHAR(8) NOT NULL, 
	rule_version TEXT, 
	source_document TEXT, 
	fingerprint BLOB NOT NULL, 
	PRIMARY KEY (event_id)
);
INSERT INTO "events" VALUES(1,1,2,'S1','sealed','us-ny/cpl-160.50','2020-03-01',NULL,'notice',NULL,NULL,X'D99FED526BDF4652C66602FA133D6162');
INSERT INTO "events" VALUES(2,1,3,'S2','withheld','us-ny/cpl-160.50','2020-03-01',NULL,'notice',NULL,NULL,X'BFE93618CE528872A7A66F18C81BE95D');
CREATE TABLE meta (
	name VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('schema_version','1');
INSERT INTO "meta" VALUES('registry_id','d02b684c2f9db033');
CREATE UNIQUE INDEX events_once ON events (seal_id, fingerprint);
CREATE INDEX event_keys_by_event ON event_keys (event_id);
CREATE INDEX event_keys_by_value ON event_keys (value, scheme);
