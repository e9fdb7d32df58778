      *****************************************************************
      * RENTCAL    RENT CALENDAR, ONE RECORD A WEEK OF A RENT GROUP.
      *****************************************************************
       01  PERIOD.
           05  RC-TYPE                     PIC X(01).
           05  RC-GROUP                    PIC X(03).
           05  RC-YEAR                     PIC 9(04).
           05  RC-WEEK                     PIC 9(02).
           05  RC-MONDAY                   PIC 9(08).
           05  RC-DEBIT                    PIC X(01).
           05  RC-WEEKS-CHARGED            PIC 9(02).
           05  FILLER                      PIC X(03).
       01  PERIOD-TRAILER.
           05  CT-TYPE                     PIC X(01).
           05  CT-COUNT                    PIC 9(09).
           05  FILLER                      PIC X(11).
           05  CT-END                      PIC X(03).
