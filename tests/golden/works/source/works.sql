BEGIN TRANSACTION;
CREATE TABLE allocplan (
	plan_sid INTEGER, 
	week_start DATETIME, 
	op_ref CHAR(8), 
	alloc_date DATETIME, 
	seq_no SMALLINT, 
	wo_ref CHAR(10), 
	start_time CHAR(5), 
	plan_mins SMALLINT, 
	leg_m INTEGER, 
	uploaded DATETIME, 
	uploaded_by CHAR(8), 
	notes VARCHAR(100)
);
INSERT INTO "allocplan" VALUES(1,'2023-10-02 00:00:00','900169  ','2023-10-05 00:00:00',1,'10200059  ','08:03',205,1523,'2023-09-29 16:00:00','LOGMAN  ','');
INSERT INTO "allocplan" VALUES(2,'2023-10-02 00:00:00','900123  ','2023-10-02 00:00:00',1,'10200018  ','08:09',300,4117,'2023-09-29 16:00:00','LOGMAN  ','');
INSERT INTO "allocplan" VALUES(31,'2023-10-09 00:00:00','900169  ','2023-10-09 00:00:00',1,'90200106  ','08:03',300,1534,'2023-10-06 16:00:00','LOGMAN  ','');
INSERT INTO "allocplan" VALUES(41,'2023-10-09 00:00:00','900127  ','2023-10-11 00:00:00',1,'10200153  ','08:31',105,13913,'2023-10-06 16:00:00','LOGMAN  ','');
INSERT INTO "allocplan" VALUES(211,'2023-10-30 00:00:00','900123  ','2023-10-30 00:00:00',3,'10200358  ','12:00',40,6447,'2023-10-27 16:00:00','LOGMAN  ','');
INSERT INTO "allocplan" VALUES(311,'2023-11-06 00:00:00','900101  ','2023-11-07 00:00:00',1,'10200332  ','26:20',300,8801,'2023-11-03 16:00:00','LOGMAN  ','');
INSERT INTO "allocplan" VALUES(41,'2023-10-09 00:00:00','900127  ','2023-10-11 00:00:00',1,'10200153  ','08:31',105,13913,'2023-10-06 16:00:00','LOGMAN  ','');
INSERT INTO "allocplan" VALUES(211,'2023-10-30 00:00:00','900123  ','2023-10-30 00:00:00',3,'10200358  ','12:00',1,6447,'2023-10-27 16:00:00','LOGMAN  ','');
CREATE TABLE opabs (
	abs_ref INTEGER, 
	op_ref CHAR(8), 
	abs_code CHAR(3), 
	from_date DATETIME, 
	to_date DATETIME
);
INSERT INTO "opabs" VALUES(1,'900169  ','SK ','2024-03-12 00:00:00','2024-03-14 00:00:00');
INSERT INTO "opabs" VALUES(2,'900169  ','SK ','2024-05-21 00:00:00','2024-05-21 00:00:00');
INSERT INTO "opabs" VALUES(265,'900172  ','ZZ ','2026-11-09 00:00:00','2026-11-09 00:00:00');
INSERT INTO "opabs" VALUES(305,'900173  ','AL ','2026-02-08 00:00:00','2026-02-05 00:00:00');
CREATE TABLE operativ (
	op_ref CHAR(8), 
	op_name VARCHAR(60), 
	trade CHAR(3), 
	sup_ref CHAR(12), 
	section CHAR(6), 
	start_pc VARCHAR(8), 
	week_mins SMALLINT, 
	max_travel SMALLINT, 
	km_cost NUMERIC(8, 2), 
	hour_rate NUMERIC(8, 2), 
	start_date DATETIME, 
	end_date DATETIME, 
	active CHAR(1), 
	mobile VARCHAR(20)
);
INSERT INTO "operativ" VALUES('900169  ','David Webb','BW ','DLO         ','R01   ','KB1 1AD',2220,30,0.28,24.87,'2004-03-29 00:00:00','1900-01-01 00:00:00','Y','07700 900579');
INSERT INTO "operativ" VALUES('900135  ','Rahima Khanom','CP ','DLO         ','R02   ','KB2 1AA',2220,45,0.28,17.18,'2002-04-24 00:00:00','1900-01-01 00:00:00','Y','07700 900317');
CREATE TABLE opshift (
	op_ref CHAR(8), 
	day_no SMALLINT, 
	start_time CHAR(5), 
	end_time CHAR(5), 
	from_date DATETIME
);
INSERT INTO "opshift" VALUES('900169  ',1,'08:00','15:54','2023-04-03 00:00:00');
INSERT INTO "opshift" VALUES('900169  ',2,'08:00','15:54','2023-04-03 00:00:00');
CREATE TABLE opskill (
	op_ref CHAR(8), 
	trade CHAR(3), 
	proficiency SMALLINT, 
	preference SMALLINT, 
	main_trade CHAR(1)
);
INSERT INTO "opskill" VALUES('900169  ','BW ',97,1,'Y');
INSERT INTO "opskill" VALUES('900169  ','PT ',79,2,'N');
CREATE TABLE rmappt (
	appt_ref INTEGER, 
	wo_ref CHAR(10), 
	visit_no SMALLINT, 
	slot CHAR(3), 
	slot_from DATETIME, 
	slot_to DATETIME, 
	op_ref CHAR(8), 
	booking_ref INTEGER, 
	booked DATETIME, 
	arrived DATETIME, 
	left_at DATETIME, 
	status CHAR(3), 
	outcome CHAR(3), 
	notes VARCHAR(200)
);
INSERT INTO "rmappt" VALUES(70001,'10200002  ',1,'ALL','2023-10-02 08:00:00','2023-10-02 16:00:00','900172  ',0,'2023-09-30 09:40:00','2023-10-02 08:29:00','2023-10-02 14:04:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(70002,'10200005  ',1,'ALL','2023-10-02 08:00:00','2023-10-02 16:00:00','900136  ',0,'2023-09-30 14:25:00','2023-10-02 07:57:00','2023-10-02 08:25:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(70023,'10200066  ',1,'AM ','2023-10-05 08:00:00','2023-10-05 12:00:00','900173  ',0,'2023-10-04 17:08:00','2023-10-05 08:22:00','2023-10-05 09:59:00','COM','XX ','');
INSERT INTO "rmappt" VALUES(70076,'10200032  ',2,'PM ','2019-10-21 12:00:00','2019-10-21 16:00:00','900173  ',0,'2023-10-02 10:58:00','2019-10-21 13:16:00','2019-10-21 15:00:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(70084,'90200081  ',2,'ALL','2023-10-20 08:00:00','2023-10-20 16:00:00','900165  ',0,'2023-10-05 10:04:00','2023-10-20 09:26:00','2023-10-20 13:38:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(70240,'10200236  ',1,'AM ','2023-10-30 08:00:00','2023-10-30 12:00:00','900120  ',0,'2023-10-15 09:48:00','2023-10-30 08:43:00','2023-10-30 07:58:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(70810,'10200798  ',1,'ALL','2023-12-18 08:00:00','2023-12-18 16:00:00','900136  ',0,'2023-11-26 15:51:00','2023-12-18 07:56:00','2023-12-18 08:35:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(70862,'10201045  ',1,'AM ','2023-12-19 08:00:00','2023-12-19 12:00:00','900165  ',0,'2023-12-15 08:42:00','2023-12-19 08:54:00','2023-12-19 10:52:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(85198,'10214433  ',1,'ALL','2026-08-26 08:00:00','2026-08-26 16:00:00','900114  ',615198,'2026-06-07 17:12:00','2026-08-26 08:31:00','2026-08-26 11:44:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(85755,'10215793  ',1,'AM ','2026-09-28 08:00:00','2026-09-28 12:00:00','900169  ',615755,'2026-09-03 16:14:00',NULL,NULL,'PLN','   ','');
INSERT INTO "rmappt" VALUES(70810,'10200798  ',1,'ALL','2023-12-18 08:00:00','2023-12-18 16:00:00','900136  ',0,'2023-11-26 15:51:00','2023-12-18 07:56:00','2023-12-18 08:35:00','COM','CMP','');
INSERT INTO "rmappt" VALUES(85755,'10215793  ',1,'AM ','2026-09-28 08:00:00','2026-09-28 12:00:00','900169  ',615755,'2026-09-03 16:14:00',NULL,NULL,'PLN','   ','');
INSERT INTO "rmappt" VALUES(70862,'10201045  ',1,'EVE','2023-12-19 08:00:00','2023-12-19 12:00:00','900165  ',0,'2023-12-15 08:42:00','2023-12-19 08:54:00','2023-12-19 10:52:00','COM','CMP','');
CREATE TABLE rmjob (
	job_code CHAR(8), 
	book_ver CHAR(6), 
	short_desc VARCHAR(60), 
	unit CHAR(2), 
	trade CHAR(3), 
	cost NUMERIC(10, 2), 
	smv NUMERIC(8, 2), 
	min_ops SMALLINT, 
	max_ops SMALLINT, 
	warranty_days SMALLINT, 
	from_date DATETIME, 
	to_date DATETIME
);
INSERT INTO "rmjob" VALUES('10010117','2023.1','Repair tap','NO','PL ',34.2,45,1,1,90,'2023-04-01 00:00:00',NULL);
INSERT INTO "rmjob" VALUES('10010217','2023.1','Renew tap','NO','PL ',108,90,1,1,365,'2023-04-01 00:00:00',NULL);
CREATE TABLE rmprior (
	priority_code CHAR(1), 
	description VARCHAR(40), 
	days_to_complete SMALLINT, 
	hours_to_complete SMALLINT, 
	saturday_working CHAR(1), 
	sunday_working CHAR(1), 
	holiday_working CHAR(1)
);
INSERT INTO "rmprior" VALUES('I','Immediate',0,4,'Y','Y','Y');
INSERT INTO "rmprior" VALUES('E','Emergency',1,24,'Y','Y','Y');
CREATE TABLE rmrech (
	rch_ref CHAR(10), 
	wo_ref CHAR(10), 
	tag_ref CHAR(11), 
	reason CHAR(3), 
	status CHAR(3), 
	raised DATETIME, 
	net NUMERIC(10, 2), 
	vat NUMERIC(10, 2), 
	admin_fee NUMERIC(10, 2), 
	rch_desc VARCHAR(100)
);
INSERT INTO "rmrech" VALUES('RC000001  ','10200020  ','002609/06  ','MIS','DIS','2023-10-09 00:00:00',31.2,6.24,4.68,'window pane stuck');
INSERT INTO "rmrech" VALUES('RC000002  ','10200023  ','002155/06  ','DAM','PPD','2023-10-17 00:00:00',242.4,48.48,36.36,'flat roof felt cracked');
INSERT INTO "rmrech" VALUES('RC000085  ','90203182  ','001735/07  ','DAM','PAI','2024-05-31 00:00:00',735.4,147.08,110.31,'threshold strip leaking');
INSERT INTO "rmrech" VALUES('RC000316  ','10212932  ','001957/04  ','LKY','INV','2026-06-05 00:00:00',360000,72,54,'internal door loose');
CREATE TABLE rmreqst (
	rq_ref CHAR(10), 
	prop_ref CHAR(12), 
	tag_ref CHAR(11), 
	rq_date DATETIME, 
	rq_name VARCHAR(60), 
	rq_phone VARCHAR(20), 
	rq_how CHAR(3), 
	rq_loc VARCHAR(30), 
	rq_problem VARCHAR(200), 
	rq_priority CHAR(1), 
	rq_status CHAR(3), 
	rq_access CHAR(3), 
	rq_notes VARCHAR(200), 
	right_to_repair CHAR(1), 
	rechargeable CHAR(1)
);
INSERT INTO "rmreqst" VALUES('4000001   ','00016384    ','001639/03  ','2023-09-30 08:03:00','Mr P Santos','','TEL','bedroom','cistern damaged','N','CLO','   ','Use side gate','N','N');
INSERT INTO "rmreqst" VALUES('4000002   ','00027752    ','002776/04  ','2023-09-30 09:18:00','Ms N Jones','07127 263327','TEL','bathroom','silicone seal missing','U','CLO','PM ','Dog in garden','Y','N');
INSERT INTO "rmreqst" VALUES('4000041   ','00021635    ','002164/05  ','2023-10-02 09:44:00','Mrs S Shah','07195 181202','TEL','hall','shower cracked','R','CLO','   ','','N','N');
INSERT INTO "rmreqst" VALUES('4000075   ','99024505    ','002451/05  ','2023-10-05 12:34:00','Mrs J Dunhurst','07169 216722','TEL','outside','wall plaster broken','N','CLO','   ','Dog in garden','N','N');
INSERT INTO "rmreqst" VALUES('4000088   ','00013603    ','001361/02  ','2023-10-05 10:00:00','Miss  O  Bradstone','','HO ','communal','vent cover stuck','N','CLO','   ','','N','N');
INSERT INTO "rmreqst" VALUES('4000094   ','00029520    ','001590/03  ','2023-10-06 17:09:00','Mrs J Pembridge','','HO ','outside','threshold strip stuck','U','CLO','   ','Use side gate','Y','N');
INSERT INTO "rmreqst" VALUES('4000175   ','00021192    ','002120/03  ','2023-10-11 09:48:00','Mr R Kozlowski','07113 012264','WEB','communal','mould on wall broken','E','CLO','   ','T has no credit, ring 07113 012264 (sister)','N','Y');
INSERT INTO "rmreqst" VALUES('4000207   ','00027341    ','002735/04  ','2023-10-13 10:33:00','Mr S Nguyen','07132 720','TEL','bedroom','hot water cylinder loose','U','CLO','PM ','','N','Y');
INSERT INTO "rmreqst" VALUES('4000267   ','00014332    ','001434/06  ','2023-10-17 09:20:00','Mr M Hall','07103 731601','TEL','bedroom','','N','CLO','   ','Hard of hearing, knock loudly','N','N');
INSERT INTO "rmreqst" VALUES('4000350   ','00017938    ','001794/06  ','2023-10-24 17:27:00','Mr S Matei','07163 133842','TEL','communal','threshold strip not workingÂ ','P','CLO','   ','Dog in garden','N','N');
INSERT INTO "rmreqst" VALUES('4000752   ','00025290    ','002530/05  ','2023-11-22 11:10:00','Mr M Fletcher','07131 434331','ZZ ','living room','chimney cowl missing','N','CLO','AM ','','N','N');
INSERT INTO "rmreqst" VALUES('5000001   ','00022633    ','002264/04  ','2023-10-03 13:14:00','Mrs E Selbrook','','TEL','hall','immersion heater stuck','E','CAN','   ','','N','N');
CREATE TABLE rmsatis (
	resp_ref INTEGER, 
	wo_ref CHAR(10), 
	question CHAR(6), 
	score SMALLINT, 
	answered DATETIME, 
	remark VARCHAR(200)
);
INSERT INTO "rmsatis" VALUES(1,'10200001  ','RS01  ',5,'2023-10-27 00:00:00','');
INSERT INTO "rmsatis" VALUES(2,'10200001  ','RS02  ',5,'2023-11-08 00:00:00','');
INSERT INTO "rmsatis" VALUES(88,'10200371  ','RS02  ',5,'2023-11-04 00:00:00','call me on 07700 900087');
INSERT INTO "rmsatis" VALUES(107,'90200472  ','RS01  ',3,'2023-11-16 00:00:00','left a mess');
INSERT INTO "rmsatis" VALUES(193,'10200937  ','RS01  ',54,'2023-12-13 00:00:00','very polite');
CREATE TABLE rmtask (
	wo_ref CHAR(10), 
	task_no SMALLINT, 
	job_code CHAR(8), 
	trade CHAR(3), 
	task_desc VARCHAR(80), 
	quantity NUMERIC(10, 3), 
	unit CHAR(2), 
	smv NUMERIC(8, 2), 
	rate NUMERIC(10, 2), 
	task_cost NUMERIC(12, 2), 
	task_status CHAR(3), 
	op_ref CHAR(8), 
	done DATETIME
);
INSERT INTO "rmtask" VALUES('10200001  ',1,'10120694','PL ','Inspect and report hot water cylinder',1,'IT',40,30.8,30.8,'COM','900136  ','2023-10-25 13:16:00');
INSERT INTO "rmtask" VALUES('10200001  ',2,'10120294','PL ','Renew hot water cylinder',2,'NO',270,168,336,'COM','900136  ','2023-10-25 13:16:00');
INSERT INTO "rmtask" VALUES('90200007  ',2,'12060552','CP ','Make safe worktop',3,'IT',165,58.5,175.5,'COM','900128  ','2023-10-02 12:43:00');
INSERT INTO "rmtask" VALUES('10200011  ',1,'90120594','PL ','Make safe hot water cylinder',1,'IT',60,63,63,'COM','900173  ','2023-10-09 09:04:00');
INSERT INTO "rmtask" VALUES('10200015  ',1,'14050445','PT ','Clear or overhaul external render',1,'IT',100,79.8,79.8,'ZZZ','900114  ','2023-10-02 09:44:00');
INSERT INTO "rmtask" VALUES('10200064  ',1,'14030331','PT ','Ease and adjust plasterboard',3000,'NO',105,26.4,79.2,'COM','900114  ','2023-10-23 15:12:00');
INSERT INTO "rmtask" VALUES('10200108  ',1,'11020124','EL ','Repair light fitting',1,'YD',85,68.4,68.4,'COM','900165  ','2023-10-25 11:36:00');
INSERT INTO "rmtask" VALUES('10200163  ',1,'12070159','CP ','Repair skirting',1,'NO',80,64.6,64.6,'COM','900123  ','2023-10-23 14:52:00');
INSERT INTO "rmtask" VALUES('10200163  ',1,'12070159','CP ','Repair skirting',1,'NO',80,64.6,64.6,'COM','900123  ','2023-10-23 14:52:00');
INSERT INTO "rmtask" VALUES('10200001  ',2,'10120294','PL ','Renew hot water cylinder',2,'NO',270,168,0.01,'COM','900136  ','2023-10-25 13:16:00');
CREATE TABLE rmtrade (
	trade CHAR(3), 
	trade_desc VARCHAR(30), 
	rate_code CHAR(6)
);
INSERT INTO "rmtrade" VALUES('PL ','Plumbing','RPL   ');
INSERT INTO "rmtrade" VALUES('EL ','Electrical','REL   ');
CREATE TABLE rmworder (
	wo_ref CHAR(10), 
	wo_version SMALLINT, 
	rq_ref CHAR(10), 
	prop_ref CHAR(12), 
	sup_ref CHAR(12), 
	con_ref CHAR(10), 
	trade CHAR(3), 
	wo_type CHAR(3), 
	wo_status CHAR(3), 
	priority CHAR(1), 
	days_allowed NUMERIC(6, 2), 
	wo_desc VARCHAR(200), 
	created DATETIME, 
	issued DATETIME, 
	date_due DATETIME, 
	attended DATETIME, 
	completed DATETIME, 
	cancelled DATETIME, 
	est_cost NUMERIC(12, 2), 
	act_cost NUMERIC(12, 2), 
	superseded_by CHAR(10), 
	rechargeable CHAR(1), 
	communal CHAR(1), 
	prev_wo CHAR(10)
);
INSERT INTO "rmworder" VALUES('10200001  ',1,'4000001   ','00016384    ','DLO         ','RR-DLO    ','PL ','RES','COM','N',21,'cistern damaged in bedroom','2023-09-30 08:20:00','2023-09-30 08:25:00','2023-10-30 00:00:00','2023-10-25 08:16:00','2023-10-25 13:16:00',NULL,423.8,423.8,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200002  ',1,'4000002   ','00027752    ','DLO         ','RR-DLO    ','MU ','RES','COM','U',5,'silicone seal missing in bathroom','2023-09-30 09:25:00','2023-09-30 09:30:00','2023-10-06 00:00:00','2023-10-02 08:23:00','2023-10-02 13:23:00',NULL,540,715.23,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200016  ',2,'4000016   ','00011373    ','DLO         ','RR-DLO    ','CP ','RES','COM','N',21,'kitchen unit cracked in outside','2023-09-30 07:59:00','2023-09-30 08:04:00','2023-10-30 00:00:00','2023-10-23 12:39:00','2023-10-23 13:14:00',NULL,28.6,28.6,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200025  ',1,'9000025   ','00029922    ','DLO         ','RR-DLO    ','PT ','RES','COM','E',1,'coving missing in living room','2023-10-01 09:23:00','2023-10-01 09:28:00','2023-10-02 09:23:00','2023-10-02 10:03:00','2023-10-02 11:43:00',NULL,79.8,79.8,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200050  ',1,'4000050   ','00017298    ','DLO         ','RR-DLO    ','DR ','RES','CAN','E',1,'manhole cover leaking in living room','2023-10-03 18:07:00','2023-10-03 18:12:00','2023-10-04 18:07:00',NULL,'1900-01-01 00:00:00','2023-10-13 18:07:00',155.4,0,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200053  ',1,'4000053   ','00021090    ','DLO         ','RR-DLO    ','CP ','RES','COM','E',1,'internal door blocked in bedroom - ring 07700 900052','2023-10-04 17:50:00','2023-10-04 17:55:00','2023-10-05 17:50:00','2023-10-05 08:08:00','2023-10-17 13:08:00',NULL,405.9,425.64,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200142  ',1,'4000142   ','00016281    ','DLO         ','RR-DLO    ','DM ','RES','COM','Q',1,'mould on ceiling damaged in communal','2023-10-09 09:07:00','2023-10-09 09:12:00','2023-10-10 09:07:00','2023-10-10 08:15:00','2023-10-10 13:15:00',NULL,237.6,237.6,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200160  ',1,'4000160   ','00016092    ','DLO         ','RR-DLO    ','RF ','RES','COM','N',21,'soffit cracked in bathroom','2023-10-10 13:51:00','2023-10-10 13:56:00','2023-11-08 00:00:00','2023-10-31 08:00:00','2023-10-31 10:40:00',NULL,182400,182.4,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200180  ',1,'4000180   ','00013857    ','DLO         ','RR-DLO    ','MU ','RES','COM','E',1,'bath panel noisy in living room','2023-10-12 14:16:00','2023-10-12 14:21:00','2023-10-13 14:16:00','2023-10-13 08:09:00','2023-10-13 08:59:00',NULL,51.8,41.8,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200215  ',1,'4000215   ','00022815    ','DLO         ','RR-DLO    ','CP ','RES','COM','U',5,'worktop broken in bedroom','2023-10-14 11:09:00','2023-10-14 11:14:00','2079-06-06 00:00:00','2023-10-23 12:00:00','2023-10-23 13:30:00',NULL,68.4,68.4,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200220  ',1,'4000220   ','00014761    ','DLO         ','RR-DLO    ','PL ','RES','COM','N',21,'shower broken in communal','2023-10-14 14:07:00','2023-10-14 14:12:00','2023-11-13 00:00:00','2023-11-13 09:56:00','2023-11-13 11:56:00',NULL,91.2,91.2,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200385  ',1,'4000385   ','00022550    ','DLO         ','RR-DLO    ','PL ','RES','COM','I',0.17,'waste trap leaking in outside','2023-10-26 09:43:00','2023-10-26 09:48:00','2023-10-26 13:43:00','2023-10-26 11:26:00','2023-10-24 09:43:00',NULL,30.8,42.48,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200600  ',1,'4000600   ','00015359    ','DLO         ','RR-DLO    ','PA ','RES','NOA','N',21,'woodwork loose in kitchen','2023-11-13 13:30:00','2023-11-13 13:35:00','2023-12-12 00:00:00','2023-11-27 08:10:00','1900-01-01 00:00:00',NULL,72,0,'10216225  ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200678  ',1,'4000678   ','00030604    ','C0107       ','RR-C0107  ','BW ','RES','COM','U',5,'pointing broken in hall','2023-11-17 15:59:00','2023-11-17 16:04:00','2023-11-24 00:00:00','2023-11-25 10:52:00','2023-11-25 10:52:00',NULL,117.6,117.6,'          ','N','Y','          ');
INSERT INTO "rmworder" VALUES('10200220  ',1,'4000220   ','00014761    ','DLO         ','RR-DLO    ','PL ','RES','COM','N',21,'shower broken in communal','2023-10-14 14:07:00','2023-10-14 14:12:00','2023-11-13 00:00:00','2023-11-13 09:56:00','2023-11-13 11:56:00',NULL,91.2,91.2,'          ','N','N','          ');
INSERT INTO "rmworder" VALUES('10200678  ',1,'4000678   ','00030604    ','C0107       ','RR-C0107  ','BW ','RES','ACC','U',5,'pointing broken in hall','2023-11-17 15:59:00','2023-11-17 16:04:00','2023-11-24 00:00:00','2023-11-25 10:52:00','2023-11-25 10:52:00',NULL,117.6,117.6,'          ','N','Y','          ');
CREATE TABLE rmwover (
	wo_ref CHAR(10), 
	wo_version SMALLINT, 
	issued DATETIME, 
	est_cost NUMERIC(12, 2), 
	wo_desc VARCHAR(200), 
	var_reason VARCHAR(60), 
	var_by CHAR(8)
);
INSERT INTO "rmwover" VALUES('10200016  ',1,'2023-09-30 08:04:00',12.63,'kitchen unit cracked in outside','Further work found','REPAIRS ');
INSERT INTO "rmwover" VALUES('10200043  ',1,'2023-10-03 18:02:00',275.21,'door lock broken in bedroom','Second operative','REPAIRS ');
CREATE TABLE supcontr (
	con_ref CHAR(10), 
	sup_ref CHAR(12), 
	con_desc VARCHAR(60), 
	con_type CHAR(3), 
	con_start DATETIME, 
	con_end DATETIME, 
	con_value NUMERIC(12, 2)
);
INSERT INTO "supcontr" VALUES('RR-DLO    ','DLO         ','Responsive repairs','RES','2022-04-01 00:00:00',NULL,0);
INSERT INTO "supcontr" VALUES('RR-C0101  ','C0101       ','Larkfield Heating Ltd: measured term','GAS','2022-04-01 00:00:00','2028-03-31 00:00:00',2500000);
CREATE TABLE supplier (
	sup_ref CHAR(12), 
	sup_name VARCHAR(60), 
	in_house CHAR(1), 
	sup_active CHAR(1), 
	insured_to DATETIME, 
	order_limit NUMERIC(12, 2), 
	sup_phone VARCHAR(20), 
	sup_email VARCHAR(80)
);
INSERT INTO "supplier" VALUES('DLO         ','Kelborough Direct Repairs','Y','Y',NULL,0,'01632 960600','');
INSERT INTO "supplier" VALUES('C0101       ','Larkfield Heating Ltd','N','Y','2027-08-25 00:00:00',250000,'01632 960700','office@larkfield-heating.example.com');
COMMIT;
