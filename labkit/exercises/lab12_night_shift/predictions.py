"""What a learner of lab 12 is asked to foresee, and to find out at night."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="12-naive",
        question=(
            "The naive receiver ships whatever comes and answers 204, whatever "
            "happens. Five aspects are scored. In which one does it get full marks?"
        ),
        choices={
            "a": Choice(
                "lost: it ships for everything that comes.",
                "It tries to. Where ship raises, the exception is swallowed and the "
                "provider hears 204, so nobody will try again.",
            ),
            "b": Choice(
                "late: it answers everything at once.",
                "To answer fast and always content is all that it is good at. The "
                "provider is happy with it, and so is every forger.",
            ),
            "c": Choice(
                "alerts: it never wakes anybody for nothing.",
                "It never wakes anybody. Two incidents go by, and each costs ten "
                "points.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="12-signed",
        question=(
            "The next receiver refuses with 401 what is not authentic or too old, and "
            "is naive otherwise. Some of the provider's own attempts arrive damaged, "
            "so they are refused, too. What becomes of the lost payments?"
        ),
        choices={
            "a": Choice(
                "There are more: what is refused never comes again.",
                "A 401 is no 2xx, so the provider tries again, and the next attempt "
                "is most likely whole. A refusal loses nothing.",
            ),
            "b": Choice(
                "Two fewer, or so; most of them stay lost.",
                "Damaged requests are no longer acknowledged, which saves those "
                "payments. The others were lost by an answer of 204 to a failure.",
            ),
            "c": Choice(
                "None is lost any more.",
                "The signature keeps strangers out. It does nothing about a parcel "
                "service that is down while you answer 204.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="12-honest",
        question=(
            "Now exceptions are let through, and Flask answers 500. No payment is "
            "lost any more. What becomes of the doubled ones?"
        ),
        choices={
            "a": Choice(
                "There are fewer: errors are handled now.",
                "They are told to the provider, and it sends the event again. Whether "
                "the parcel had left before the error, it can't know.",
            ),
            "b": Choice(
                "There are as many: the two have nothing to do with each other.",
                "They have. The cure for lost payments is the retry, and a retry of "
                "what was done is a second parcel.",
            ),
            "c": Choice(
                "There are more.",
                "ship may time out after it has acted. An honest 500 brings a retry, "
                "and the retry a second parcel. So a key and a memory come next.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="12-first-look",
        question=(
            "Since two o'clock some requests are refused with 401, others not. Nobody "
            "has deployed anything. What do you do first?"
        ),
        choices={
            "a": Choice(
                "Block the address: somebody is forging requests.",
                "Then the provider is out. Look at the ids: what is refused in one "
                "line is accepted in a later one, with the same id.",
            ),
            "b": Choice(
                "Switch the check off until morning, so that nothing is lost.",
                "Nothing is being lost: every refused event comes again. Without the "
                "check, whoever has found your address has until morning.",
            ),
            "c": Choice(
                "Open one refused request in the inspector.",
                "A 401 says that something did not fit. Which of the secret, the "
                "bytes, or the clock it is, one captured request tells.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="12-first-cause",
        question=(
            "The signature does not fit: another secret, or other content. The same "
            "event is refused at 02:15:05 and accepted at 02:19:14. What is it?"
        ),
        choices={
            "a": Choice(
                "The body was changed on the way.",
                "Seven times in 35 minutes, from two o'clock sharp, and never before? "
                "A wire that damages requests does not keep to the hour.",
            ),
            "b": Choice(
                "The provider signs with two secrets: it is changing over.",
                "Some of its machines have the new one already. What they sign you "
                "refuse; a retry that comes from an old one you accept.",
            ),
            "c": Choice(
                "Your clock is wrong.",
                "Then the inspector would say so: the signature fits and the time "
                "does not. Here it does not fit.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="12-second-log",
        question=(
            "The provider writes: your endpoint has been failing since two. Your log "
            "shows 204 in every line. Who is right?"
        ),
        choices={
            "a": Choice(
                "The provider: your answers came when it was no longer waiting.",
                "Look at the seconds. It waits for 20, and your 204 took 22. The log "
                "tells what you answered, not whether anybody heard it.",
            ),
            "b": Choice(
                "You: every request was acknowledged.",
                "You answered every one. Look at the seconds, and at how soon the "
                "same id comes again: the provider had given up by then.",
            ),
            "c": Choice(
                "Both: the answers get lost on the way back.",
                "Then a quick answer would be lost as well. Only the lines with 22 "
                "seconds are followed by a copy.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="12-second-cure",
        question=(
            "The parcel service will be slow again. Which change spares the provider "
            "the wait, and loses nothing?"
        ),
        choices={
            "a": Choice(
                "Answer 204 first, and ship in a thread.",
                "A process that dies takes its threads with it, and the provider has "
                "its 204. That is quick, and loses parcels.",
            ),
            "b": Choice(
                "Acknowledge every copy at once, without a look.",
                "A copy may be the first that reaches you: a refused connection, and "
                "then a retry. Look into the file, as this receiver does.",
            ),
            "c": Choice(
                "Store the event in the file, answer, ship from there.",
                "Durable first, then the 204, then the work, by a worker that may die "
                "and go on (lab 08).",
            ),
        },
        right="c",
    ),
    Prediction(
        id="12-third-silence",
        question=(
            "It is five past four. Nobody was paged, the log shows no error, and the "
            "last line is from 02:03:45. Is this a quiet night?"
        ),
        choices={
            "a": Choice(
                "Yes: no error, no alarm, and little goes on at night.",
                "On Sundays at two the subscriptions are renewed: there were 14 "
                "payments last week, and four today. Silence has no errors in it.",
            ),
            "b": Choice(
                "No: last Sunday there were 14 lines, and now there are four.",
                "The log can't show what never came. Only what you expected can, and "
                "the next look goes to the provider: is the endpoint still enabled?",
            ),
            "c": Choice(
                "It can't be told from the log.",
                "Not the cause. But the log of last Sunday tells what this hour looks "
                "like when all is well.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="12-third-back",
        question=(
            "The provider has disabled the endpoint, and ten payments are dead "
            "letters. The maintenance page is gone. What brings them in?"
        ),
        choices={
            "a": Choice(
                "Enable the endpoint, and wait for the retries.",
                "A dead letter is given up: no retry will come. Enabled, the endpoint "
                "gets what happens from now on.",
            ),
            "b": Choice(
                "Enable the endpoint, and resend the whole of March.",
                "It would work, with this receiver. It would also send everything "
                "else a second time, to test your memory on a Sunday night.",
            ),
            "c": Choice(
                "Enable the endpoint, and resend the dead letters.",
                "They are signed anew and keep their ids, so the time window lets "
                "them in and the file tells copies apart. Ten parcels leave.",
            ),
        },
        right="c",
    ),
)
