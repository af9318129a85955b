"""Lab 04: sign, verify, and accept only signed requests."""

from labkit.checks.predictions import predictions
from labkit.exercises.lab04_signatures import github, receive, sign, verify

EXERCISES = (sign.EXERCISE, verify.EXERCISE, receive.EXERCISE, github.EXERCISE)

PREDICTIONS = predictions("""
    04-tamper (a): The sender signs every request, but this shop never checks the
        signature. In transit, one digit of the amount changes. What happens?
    a: The shop bills the wrong amount, ships, and returns 200.
        Answer: A signature protects only a receiver that checks it. To this shop, the
        changed request looks like any other.
    b: The shop returns 400, because the body no longer matches its headers.
        Answer: Only one header no longer matches: the signature, and this shop does not
        check it. The headers that Flask uses still match, because the length and the
        type are the same.
    c: Nothing bad, because nobody can change a signed request.
        Answer: Anyone can change bytes. A signature only lets the receiver notice, and
        this one does not look.
    04-refused (b): Now the shop verifies, and returns 401 if the signature does not
        match. The network changes requests in the first second only. The sender follows
        Standard Webhooks. What is the result?
    a: The event is lost, because the sender does not repeat a rejected request.
        Answer: That would be true for a sender that stops at 401. Most senders treat
        every status except 2xx as a failed attempt and try again.
    b: The sender tries again, the shop accepts the unchanged request, and bills the
        right amount once.
        Answer: With such a sender, a rejection costs an attempt, not an event. That is
        why it is safe to be strict.
    c: The shop first bills the wrong amount, and the second attempt corrects it.
        Answer: The shop checks the signature before any work, so the first attempt had
        no effect.
    04-one-space (c): A program parses the body and serialises it again. The content is
        the same, but now there is a space after each colon and comma. How many of the
        64 digits of the signature change?
    a: None: the content is the same.
        Answer: HMAC knows nothing about JSON. It works on bytes, and these are
        different bytes.
    b: About as many as there are new spaces.
        Answer: The digits do not correspond to positions in the body. Each digit
        depends on every byte.
    c: Nearly all of them.
        Answer: Every digit is computed again, and one in sixteen is the same by chance.
        A single changed bit would have the same effect.
    04-guess (a): A comparison stops at the first difference, and you can measure how
        far it got. How many guesses do you need at most for a signature of 8 hex
        digits?
    a: 128: 16 guesses for each of 8 digits.
        Answer: You find the digits one after the other. Instead of a power you have a
        product, and for 64 digits it is 1,024 guesses.
    b: 4,294,967,296: 16 choices for each of 8 digits, so 16 to the power of 8.
        Answer: You would need that many if a guess told you only right or wrong. Here
        every guess tells you how much of it was right.
    c: 8: one for each digit.
        Answer: A guess tells you whether a digit is right, but not which digit would be
        right. You need up to 16 guesses to find it.
    04-replay (c): Someone captured one authentic request and sends it unchanged, today
        and again tomorrow. The shop verifies signatures. What does it do tomorrow?
    a: It returns 401, because the signature was used before.
        Answer: Nobody recorded that it was used. Verification remembers nothing.
    b: It returns 401, because the signature is a day old.
        Answer: This scheme signs only the body and no time of sending, so there is
        nothing that could be too old.
    c: It ships a second parcel.
        Answer: The signature says who wrote these bytes. It does not say when they were
        sent, or how often.
""")
