"""The predictions of lab 01."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    01-empty (c): There are 12 payments in an hour, at random moments. You ask every 10
        seconds. How many of the 360 requests return nothing?
    a: About 30, because you make 30 requests per payment.
        Answer: You do make 30 requests per payment. But only one of these 30 returns
        something.
    b: About half of them.
        Answer: That would need a payment every 20 seconds. There is one every 5
        minutes.
    c: At least 348.
        Answer: Twelve payments can fill at most 12 requests, and fewer if two payments
        happen within the same 10 seconds. All other requests return nothing.
    01-delay (a): You ask every 10 minutes instead. How long does it take on average
        until the shop learns of a payment?
    a: About 5 minutes.
        Answer: A payment happens at a random moment between two requests, so on average
        half of the interval is left.
    b: About 10 minutes.
        Answer: That is the maximum, for a payment right after a request. A payment
        right before the next request hardly waits.
    c: Almost no time: the provider knows about it at once.
        Answer: The provider does. But the shop knows nothing before it asks.
    01-webhook (b): The same 12 payments arrive by webhook over a network that works.
        How many requests are there in the hour, and who makes them?
    a: 12 requests, made by the shop.
        Answer: The shop cannot know when to ask. With a webhook the roles are reversed:
        the provider is the client, and the shop is the server.
    b: 12 requests, made by the provider.
        Answer: The provider makes one request per payment, at the moment when the
        payment happens.
    c: 360 requests as before, but made by the provider.
        Answer: The provider does not need to ask. It knows when something happens, and
        sends nothing in between.
    01-down (a): The shop is down from minute 20 to minute 35. This provider sends each
        webhook only once. What happens to the payments of these fifteen minutes?
    a: The shop never learns of them, and does not notice that anything is missing.
        Answer: There is no request, no error and no entry in a log. On the shop's side
        it looks like a quiet quarter of an hour.
    b: They arrive late, when the shop is back.
        Answer: With polling they would, because the list still exists. A webhook that
        nobody receives is gone, unless the provider tries again.
    c: The provider tells the shop afterwards what it missed.
        Answer: Some providers have a list that you can read. But you have to remember
        to read it.
""")
