      *****************************************************************
      * RENTACCT   RENT ACCOUNT MASTER, ONE RECORD AN ACCOUNT.
      * DATES ARE CCYYMMDD, ZERO WHERE THERE IS NONE.
      *****************************************************************
       01  ACCOUNT.
           05  RA-TYPE                     PIC X(01).
               88  RA-IS-ACCOUNT           VALUE 'A'.
           05  RA-ACCOUNT                  PIC 9(08).
           05  RA-MASTER.
               10  RA-PAY-REF              PIC X(10).
               10  RA-CLASS                PIC X(02).
                   88  RA-IS-RENT          VALUE 'RT'.
                   88  RA-IS-FORMER        VALUE 'FT'.
                   88  RA-IS-GARAGE        VALUE 'GA'.
                   88  RA-IS-SERVICE       VALUE 'SC'.
                   88  RA-IS-RECHARGE      VALUE 'RC'.
               10  RA-STATUS               PIC X(01).
               10  RA-TENANCY              PIC X(11).
               10  RA-NAME                 PIC X(30).
               10  RA-GROUP                PIC X(03).
               10  RA-START                PIC 9(08).
               10  RA-END                  PIC 9(08).
               10  RA-DEBIT-TO             PIC 9(08).
               10  RA-METHOD               PIC X(02).
               10  RA-WEEKLY               PIC S9(05)V99 COMP-3.
               10  RA-BALANCE              PIC S9(07)V99 COMP-3.
               10  RA-BALANCE-DATE         PIC 9(08).
               10  RA-DETAIL               PIC X(20).
               10  RA-RENT REDEFINES RA-DETAIL.
                   15  RA-HB-CLAIM         PIC X(10).
                   15  FILLER              PIC X(10).
               10  RA-GARAGE REDEFINES RA-DETAIL.
                   15  RA-SITE             PIC X(14).
                   15  RA-BAY              PIC X(06).
               10  RA-FORMER REDEFINES RA-DETAIL.
                   15  RA-END-REASON       PIC X(03).
                   15  RA-LAST-PROPERTY    PIC X(08).
                   15  FILLER              PIC X(09).
           05  RA-CHARGES                  PIC 9(02).
           05  RA-CHARGE OCCURS 0 TO 6 TIMES DEPENDING ON RA-CHARGES.
               10  RA-ELEMENT              PIC X(03).
               10  RA-AMOUNT               PIC S9(05)V99 COMP-3.
               10  RA-FROM                 PIC 9(08).
               10  RA-TO                   PIC 9(08).
               10  RA-FREQUENCY            PIC X(01).
       01  ACCOUNT-HEADER.
           05  AH-TYPE                     PIC X(01).
           05  AH-FILE                     PIC X(08).
           05  AH-RUN-DATE                 PIC 9(08).
           05  FILLER                      PIC X(258).
       01  ACCOUNT-TRAILER.
           05  AT-TYPE                     PIC X(01).
           05  AT-COUNT                    PIC 9(09).
           05  AT-TOTAL                    PIC S9(11)V99 COMP-3.
           05  FILLER                      PIC X(255).
           05  AT-END                      PIC X(03).
