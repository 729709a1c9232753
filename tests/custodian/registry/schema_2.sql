CREATE TABLE epochs (
	epoch INTEGER NOT NULL, 
	recorded_at VARCHAR(24) NOT NULL, 
	source_name TEXT NOT NULL, 
	source_sha256 TEXT NOT NULL, 
	source_rows INTEGER NOT NULL, 
	last_event INTEGER NOT NULL, 
	PRIMARY KEY (epoch)
);
INSERT INTO "epochs" VALUES(1,'2026-11-29T01:13:31.587Z','notices1.csv','4075bdb071f290f56714517389e92810a76e2c679976b698a75021086d2acf78',2,2);
CREATE TABLE event_keys (
	event_id INTEGER NOT NULL, 
	scheme VARCHAR(80) NOT NULL, 
	value TEXT NOT NULL
);
INSERT INTO "event_keys" VALUES(1,'arrest_number','K14612345');
INSERT INTO "event_keys" VALUES(2,'docket','2014KN012345');
CREATE TABLE event_persons (
	event_id INTEGER NOT NULL, 
	last_name TEXT, 
	first_name TEXT, 
	aliases TEXT, 
	birth_date TEXT, 
	arrest_date TEXT, 
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
	reason VARCHAR(24), 
	PRIMARY KEY (event_id)
);
INSERT INTO "events" VALUES(1,1,2,'S1','sealed','us-ny/cpl-160.50','2020-01-01',NULL,'notice',NULL,NULL,X'2B6E40FECF5946693FFEF2DE95175AC1',NULL);
INSERT INTO "events" VALUES(2,1,3,'S2','sealed','us-ny/cpl-160.50','2020-01-01',NULL,'notice',NULL,NULL,X'BB03563620D9D5842C6EF18BB22671A2',NULL);
CREATE TABLE meta (
	name VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('schema_version','2');
INSERT INTO "meta" VALUES('registry_id','862f866dc4e0e641');
CREATE UNIQUE INDEX events_once ON events (seal_id, fingerprint);
CREATE INDEX event_keys_by_value ON event_keys (value, scheme);
CREATE INDEX event_keys_by_event ON event_keys (event_id);
