---------------------------- MODULE CarriedCopies ----------------------------
(***************************************************************************)
(* One session, its logout, one copy that its client carries, and one      *)
(* instance that reads the feed and may take that copy into its memory.    *)
(*                                                                         *)
(* Time is a number. Each reading of a clock is any of now .. now + Skew,  *)
(* so that any two readings of one moment agree within Skew, and each      *)
(* clock may also step back within that. A call to the feed takes effect   *)
(* at one moment, and is answered at any later one. So an instance may     *)
(* freeze between any two steps.                                           *)
(*                                                                         *)
(* Mistake names one step that is done wrongly, or is "none".              *)
(***************************************************************************)
EXTENDS Integers

CONSTANTS
    Skew,       \* by how much two clocks may differ
    Append,     \* the longest append that counts
    Overlap,    \* how far a sync reads behind the sync before
    Age,        \* how long a copy is used, from its known-at
    Retention,  \* how long the feed keeps an entry, from its date
    FirstRead,  \* how far a first sync reads back
    Margin,     \* how far the horizon must lie before known-at
    BackMax,    \* the longest step in which the instance reads further back, 0 for none
    Overflows,  \* whether a read of the feed may find too many entries
    Forgets,    \* whether the instance may forget an end
    TimeMax,    \* the model ends here
    Mistake

VARIABLES
    now,
    \* The logout: "none", "stored", "dated", "acknowledged". Its entry has a date. datedAt is the
    \* true time of that.
    logout, date, datedAt, stored,
    \* The carried copy: "none", "asked", "signed".
    copy, knownAt,
    \* The instance: the date of the last settled sync, and whether that sync began after the
    \* acknowledgement. The feed is known back to `reach`, if nothing was forgotten since.
    lastSync, afterwards, reach, forgotten,
    \* Whether the end of the session is known, and whether the copy is in memory since `arrived`.
    knows, inMemory, arrived,
    \* The sync and the read-back that are under way, and a copy that was checked but not inserted.
    sync, back, checked

vars == <<now, logout, date, datedAt, stored, copy, knownAt, lastSync, afterwards, reach,
          forgotten, knows, inMemory, arrived, sync, back, checked>>
theLogout == <<logout, date, datedAt, stored>>
theCopy == <<copy, knownAt>>
theMemory == <<knows, inMemory, arrived, checked>>
theHorizon == <<lastSync, afterwards, reach, forgotten>>

None == -99
Never == 99
Max(a, b) == IF a > b THEN a ELSE b
Min(a, b) == IF a < b THEN a ELSE b
Readings == now .. (now + Skew)
Idle == [step |-> "none"]

Init ==
    /\ now = 0
    /\ logout = "none" /\ date = None /\ datedAt = None /\ stored = FALSE
    /\ copy = "none" /\ knownAt = None
    /\ lastSync = None /\ afterwards = FALSE /\ reach = Never /\ forgotten = None
    /\ knows = FALSE /\ inMemory = FALSE /\ arrived = None
    /\ sync = Idle /\ back = Idle /\ checked = FALSE

Tick == now < TimeMax /\ now' = now + 1
        /\ UNCHANGED <<theLogout, theCopy, theHorizon, theMemory, sync, back>>

-----------------------------------------------------------------------------
(* The bus: it stores the logout, dates the entry, appends it, and          *)
(* acknowledges. An append that took too long is repeated with a new date.  *)

StoreFirst == Mistake /= "dates-before-storing"

Store ==
    /\ ~stored /\ logout = (IF StoreFirst THEN "none" ELSE "dated")
    /\ stored' = TRUE
    /\ logout' = IF StoreFirst THEN "stored" ELSE logout
    /\ UNCHANGED <<now, date, datedAt, theCopy, theHorizon, theMemory, sync, back>>

Date ==
    /\ logout = (IF StoreFirst THEN "stored" ELSE "none")
    /\ logout' = "dated" /\ datedAt' = now /\ date' \in Readings
    /\ UNCHANGED <<now, stored, theCopy, theHorizon, theMemory, sync, back>>

InTime == \/ now <= datedAt + Append
          \/ Mistake \in {"counts-a-late-append", "dates-before-storing"}

(* The acknowledgement may come later. The sooner it comes, the more it     *)
(* promises.                                                                *)
AppendEntry ==
    /\ logout = "dated" /\ stored /\ InTime
    /\ logout' = "acknowledged" /\ datedAt' = None
    /\ UNCHANGED <<now, date, stored, theCopy, theHorizon, theMemory, sync, back>>

AppendAgain ==
    /\ logout = "dated" /\ stored /\ ~InTime
    /\ logout' = "stored" /\ date' = None /\ datedAt' = None
    /\ UNCHANGED <<now, stored, theCopy, theHorizon, theMemory, sync, back>>

(* DynamoDB deletes an entry by its own clock, as soon as it may.           *)
InFeed == logout = "acknowledged" /\ now + Skew < date + Retention

(* The bus reads its clock, then the session, and signs what it read.       *)
Ask ==
    /\ copy = "none" /\ copy' = "asked"
    /\ IF Mistake = "reads-the-clock-last"
       THEN ~stored /\ UNCHANGED knownAt
       ELSE knownAt' \in Readings
    /\ UNCHANGED <<now, theLogout, theHorizon, theMemory, sync, back>>

Sign ==
    /\ copy = "asked"
    /\ IF Mistake = "reads-the-clock-last"
       THEN copy' = "signed" /\ knownAt' \in Readings
       ELSE ~stored /\ copy' = "signed" /\ UNCHANGED knownAt
    /\ UNCHANGED <<now, theLogout, theHorizon, theMemory, sync, back>>

-----------------------------------------------------------------------------
(* The instance: it reads the feed.                                         *)

Horizon ==
    IF Mistake = "forgets-without-a-horizon" THEN reach
    ELSE IF Mistake = "forgets-to-the-same-instant" THEN Max(reach, forgotten)
    ELSE Max(reach, forgotten + 1)

Found(from, to) == InFeed /\ from <= date /\ date <= to

IsGap(reading) == lastSync /= None /\ reading - lastSync + Overlap > Retention

BeginSync ==
    /\ sync = Idle
    /\ \E reading \in Readings :
        LET first == lastSync = None \/ IsGap(reading)
            from == IF first THEN reading - FirstRead ELSE lastSync - Overlap
        IN /\ sync' = [step |-> "begun", at |-> reading, from |-> from, first |-> first, found |-> FALSE,
                       whole |-> TRUE, after |-> logout = "acknowledged"]
           /\ IF IsGap(reading)
              THEN /\ inMemory' = FALSE
                   /\ IF Mistake = "keeps-the-former-sync"
                      THEN UNCHANGED <<lastSync, reach>>
                      ELSE /\ lastSync' = None
                           /\ reach' = IF Mistake = "keeps-the-horizon-over-a-gap" THEN reach ELSE Never
                   /\ back' = IF back = Idle \/ Mistake = "reads-back-over-a-gap" THEN back
                              ELSE [back EXCEPT !.counts = FALSE]
                   /\ checked' = FALSE
              ELSE UNCHANGED <<inMemory, lastSync, reach, back, checked>>
    /\ UNCHANGED <<now, theLogout, theCopy, afterwards, forgotten, knows, arrived>>

(* A freeze may have kept the call until entries were gone. A feed with too *)
(* many entries says nothing.                                               *)
ReadSync ==
    /\ sync.step = "begun"
    /\ \E whole \in IF Overflows THEN BOOLEAN ELSE {TRUE} :
        sync' = [sync EXCEPT !.step = "read", !.whole = whole,
                             !.found = whole /\ Found(sync.from, sync.at + Skew)]
    /\ UNCHANGED <<now, theLogout, theCopy, theHorizon, theMemory, back>>

Settle ==
    /\ sync.step = "read"
    /\ sync' = Idle
    /\ lastSync' = sync.at /\ afterwards' = sync.after
    /\ knows' = (knows \/ (sync.found /\ Mistake /= "remembers-no-end"))
    /\ inMemory' = (inMemory /\ ~sync.found /\ sync.whole)
    /\ checked' = (checked /\ sync.whole)
    /\ reach' = IF ~sync.whole THEN
                    CASE Mistake = "keeps-the-horizon-at-an-overflow" -> IF reach = Never THEN sync.at + 1 ELSE reach
                      [] Mistake = "overflows-to-the-same-instant" -> sync.at
                      [] OTHER -> sync.at + 1
                ELSE IF sync.first /\ ~(Mistake = "keeps-the-horizon-over-a-gap" /\ reach /= Never)
                     THEN sync.from
                     ELSE reach
    /\ back' = IF back /= Idle /\ (~sync.whole \/ sync.first) /\ Mistake /= "reads-back-over-a-gap"
               THEN [back EXCEPT !.counts = FALSE] ELSE back
    /\ UNCHANGED <<now, theLogout, theCopy, forgotten, arrived>>

(* It reads further back, from the horizon. Reads that are of no use to the *)
(* copy are left out.                                                       *)
BeginBack ==
    /\ back = Idle /\ lastSync /= None /\ reach /= Never
    /\ copy = "signed" /\ Horizon > knownAt - Margin /\ ~inMemory
    /\ \E further \in 1 .. BackMax :
        back' = [step |-> "begun", from |-> Horizon - further, to |-> Horizon, found |-> FALSE, counts |-> TRUE]
    /\ reach' = IF Mistake = "lowers-the-horizon-before-reading" THEN Min(reach, back'.from) ELSE reach
    /\ UNCHANGED <<now, theLogout, theCopy, lastSync, afterwards, forgotten, theMemory, sync>>

ReadBack ==
    /\ back.step = "begun"
    /\ back' = [back EXCEPT !.step = "read", !.found = Found(back.from, back.to)]
    /\ UNCHANGED <<now, theLogout, theCopy, theHorizon, theMemory, sync>>

SettleBack ==
    /\ back.step = "read"
    /\ back' = Idle
    /\ knows' = (knows \/ (back.found /\ Mistake /= "remembers-no-end"))
    /\ inMemory' = (inMemory /\ ~back.found)
    /\ reach' = IF back.counts THEN Min(reach, back.from) ELSE reach
    /\ UNCHANGED <<now, theLogout, theCopy, lastSync, afterwards, forgotten, arrived, checked, sync>>

Forget ==
    /\ Forgets /\ knows /\ knows' = FALSE
    /\ forgotten' = Max(forgotten, date)
    /\ UNCHANGED <<now, theLogout, theCopy, lastSync, afterwards, reach, inMemory, arrived, checked, sync, back>>

-----------------------------------------------------------------------------
(* The client presents the copy. Check and insertion are one step.          *)

Fits(reading) ==
    /\ copy = "signed" /\ lastSync /= None
    /\ knownAt <= reading + Skew
    /\ reading - knownAt <= Age \/ Mistake = "counts-the-age-from-the-arrival"
    /\ ~knows
    /\ Horizon <= knownAt - Margin \/ Mistake = "ignores-the-horizon"

Accept ==
    /\ ~inMemory
    /\ \E reading \in Readings :
        /\ Fits(reading)
        /\ arrived' = IF Mistake = "counts-the-age-from-the-arrival" THEN reading ELSE None
    /\ IF Mistake = "checks-before-it-waits"
       THEN checked' = TRUE /\ UNCHANGED inMemory
       ELSE inMemory' = TRUE /\ UNCHANGED checked
    /\ UNCHANGED <<now, theLogout, theCopy, theHorizon, knows, sync, back>>

Insert ==
    /\ checked /\ checked' = FALSE /\ inMemory' = TRUE
    /\ UNCHANGED <<now, theLogout, theCopy, theHorizon, knows, arrived, sync, back>>

Next == Tick \/ Store \/ Date \/ AppendEntry \/ AppendAgain \/ Ask \/ Sign
        \/ BeginSync \/ ReadSync \/ Settle \/ BeginBack \/ ReadBack \/ SettleBack \/ Forget
        \/ Accept \/ Insert

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------

Since == IF Mistake = "counts-the-age-from-the-arrival" THEN arrived ELSE knownAt
InUse == inMemory /\ now - Since <= Age

(* I1: once the logout was acknowledged, an instance whose last sync began  *)
(* after that lets nobody in. A bounded service waits for such a sync for   *)
(* as long as the staleness bound, and a strict one always.                 *)
Revoked == ~(InUse /\ afterwards)

(* No use of the copy can follow once it is too old, or if the bus will say *)
(* that the session is over. TLC does not look further.                     *)
MayBeUsed ==
    /\ copy = "asked" /\ Mistake /= "reads-the-clock-last" => ~stored
    /\ copy = "signed" => now - Max(knownAt, Since) <= Age

(* Not a promise: a design that accepts no copy would keep Revoked. These   *)
(* must be violated.                                                        *)
NeverUsed == ~InUse
NeverOlderThanTheFirstRead == ~(InUse /\ knownAt < lastSync - FirstRead)
=============================================================================
