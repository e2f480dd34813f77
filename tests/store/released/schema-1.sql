PRAGMA application_id = 1314345556;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE locks (
	name TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	until FLOAT NOT NULL, 
	process TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('settings','{"method":"random","budget":"4trials","objectives":["accuracy"],"constraints":[]}');
INSERT INTO "meta" VALUES('task','{"name":"digits","metric":"accuracy"}');
INSERT INTO "meta" VALUES('space','"conformance"');
CREATE TABLE progress (
	number INTEGER NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "progress" VALUES(2,'{"epoch":1}');
CREATE TABLE records (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind TEXT NOT NULL, 
	trial INTEGER NOT NULL, 
	payload TEXT NOT NULL, 
	time FLOAT NOT NULL
);
INSERT INTO "records" VALUES(1,'proposed',0,'{"phase":"search","proposal":{"space":"conformance","choices":{"0/kernel":1,"0/channels":24},"fidelity":{"epochs":2.0,"data":0.5,"resolution":1.0,"seconds":null},"parents":[1,2],"origin":"mutation","seed":7,"inherit":false}}',1.79575776391050219533e+09);
INSERT INTO "records" VALUES(2,'proposed',1,'{"phase":"search","proposal":{"space":"conformance","choices":{"0/kernel":1,"0/channels":64},"fidelity":{"epochs":2.0,"data":0.5,"resolution":1.0,"seconds":null},"parents":[1,2],"origin":"mutation","seed":7,"inherit":false}}',1.79575776391053271293e+09);
INSERT INTO "records" VALUES(3,'proposed',2,'{"phase":"search","proposal":{"space":"conformance","choices":{"0/kernel":0,"0/channels":24},"fidelity":{"epochs":2.0,"data":0.5,"resolution":1.0,"seconds":null},"parents":[1,2],"origin":"mutation","seed":7,"inherit":false}}',1.79575776391055607792e+09);
INSERT INTO "records" VALUES(4,'proposed',3,'{"phase":"search","proposal":{"space":"conformance","choices":{"0/kernel":0,"0/channels":16},"fidelity":{"epochs":2.0,"data":0.5,"resolution":1.0,"seconds":null},"parents":[1,2],"origin":"mutation","seed":7,"inherit":false}}',1.79575776391057920461e+09);
INSERT INTO "records" VALUES(5,'completed',0,'{"worker":"driver","started":1.0,"finished":2.5,"measurement":{"metrics":{"accuracy":0.9,"peak_memory_mb":{"$float":"inf"}},"test":{"accuracy":0.8},"curve":[{"epoch":1,"loss":0.5},{"epoch":2,"loss":0.25}],"cost":{"wall_s":1.5,"cpu_s":1.0,"gpu_s":0.0,"peak_memory_mb":null,"energy_wh":0.1},"fidelity":{"epochs":1.5,"data":1.0,"resolution":1.0,"seconds":null},"artifacts":{"weights":"model.safetensors"},"notes":["out of time"]}}',1.7957577639311871529e+09);
INSERT INTO "records" VALUES(6,'failed',1,'{"worker":"","started":1.0,"finished":2.0,"failure":{"reason":"memory","message":"held 900 MiB"}}',1.79575776395267081258e+09);
CREATE TABLE spaces (
	name TEXT NOT NULL, 
	definition TEXT, 
	PRIMARY KEY (name)
);
INSERT INTO "spaces" VALUES('conformance','{"schema":1,"name":"conformance","root":{"chain":[{"op":"conv","kernel":{"choice":[3,5]},"channels":{"integer":[8,64],"step":8}},{"op":"head"}]},"hyper":{"lr":{"choice":[0.1]}}}');
CREATE TABLE trials (
	number INTEGER NOT NULL, 
	phase TEXT NOT NULL, 
	status TEXT NOT NULL, 
	proposed INTEGER NOT NULL, 
	outcome INTEGER, 
	worker TEXT NOT NULL, 
	token INTEGER NOT NULL, 
	lease FLOAT, 
	started FLOAT, 
	PRIMARY KEY (number)
);
INSERT INTO "trials" VALUES(0,'search','completed',1,5,'driver',1,NULL,1.0);
INSERT INTO "trials" VALUES(1,'search','failed',2,6,'',0,NULL,NULL);
INSERT INTO "trials" VALUES(2,'search','running',3,NULL,'driver',1,1.79575782395959496502e+09,3.0);
INSERT INTO "trials" VALUES(3,'search','pending',4,NULL,'',0,NULL,NULL);
CREATE TRIGGER records_never_update BEFORE update ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER records_never_delete BEFORE delete ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('records',6);
COMMIT;
