      *****************************************************************
      * RENTTRAN   RENT POSTINGS, ONE FILE A RENT YEAR.
      * FIRST RECORD A HEADER, LAST RECORD A TRAILER.
      * AMOUNTS OF DEBITS ARE OWED WHERE POSITIVE, AMOUNTS OF
      * RECEIPTS WERE PAID WHERE POSITIVE.
      *****************************************************************
       01  POSTING.
           05  RP-TYPE                     PIC X(01).
               88  RP-IS-DEBIT             VALUE 'D'.
               88  RP-IS-BROUGHT-FORWARD   VALUE 'B'.
               88  RP-IS-RECEIPT           VALUE 'R'.
           05  RP-NUMBER                   PIC 9(10).
           05  RP-ACCOUNT                  PIC 9(08).
           05  RP-DATE                     PIC 9(06).
           05  RP-YEAR                     PIC 9(04) COMP.
           05  RP-WEEK                     PIC 9(02).
           05  RP-DETAIL                   PIC X(25).
           05  RP-DEBIT REDEFINES RP-DETAIL.
               10  RP-DR-CODE              PIC X(03).
               10  RP-DR-AMOUNT            PIC S9(07)V99 COMP-3.
               10  RP-DR-RUN               PIC 9(06).
               10  FILLER                  PIC X(11).
           05  RP-RECEIPT REDEFINES RP-DETAIL.
               10  RP-RC-CODE              PIC X(03).
               10  RP-RC-AMOUNT            PIC S9(07)V99.
               10  RP-RC-BATCH             PIC X(08).
               10  FILLER                  PIC X(05).
       01  POSTING-HEADER.
           05  PH-TYPE                     PIC X(01).
           05  PH-FILE                     PIC X(08).
           05  PH-YEAR                     PIC 9(04).
           05  PH-RUN-DATE                 PIC 9(08).
           05  FILLER                      PIC X(33).
       01  POSTING-TRAILER.
           05  PT-TYPE                     PIC X(01).
           05  PT-DR-COUNT                 PIC 9(09).
           05  PT-DR-TOTAL                 PIC S9(11)V99 COMP-3.
           05  PT-RC-COUNT                 PIC 9(09).
           05  PT-RC-TOTAL                 PIC S9(11)V99 COMP-3.
           05  FILLER                      PIC X(18).
           05  PT-END                      PIC X(03).
