# %% passed | the receiver learns first
def rotation(steps):
    return ["e", "h", "g", "c", "a"]


# %% passed | the provider signs with both
def rotation(steps):
    return ["e", "b", "c", "a", "g"]


# %% passed | both sides know both
def rotation(steps):
    return ["e", "h", "b", "g", "c", "a"]


# %% passed | the steps themselves, picked by their letters
def rotation(steps):
    by_letter = {step.letter: step for step in steps}
    return [by_letter[letter] for letter in "ehgca"]


# %% passed | picked by their places, as a tuple
def rotation(steps):
    return steps[4], steps[7], steps[6], steps[2], steps[0]


# %% passed | by their texts, one after the other
def rotation(steps):
    words = ["make a new", "the old secret and the new", "with the new secret only"]
    words += ["Wait", "accept the new"]
    for word in words:
        provider = [s for s in steps if word in s.text and "12:00" not in s.text]
        yield str(provider[0])


# %% passed | in one word, upper case
def rotation(steps):
    return "EHGCA"


# %% passed | the old one is deleted as soon as nobody needs it
def rotation(steps):
    return list("ehgica")


# %% passed | at the end both at once, when it does no harm any more
def rotation(steps):
    return list("ebcd")


# %% passed | more waiting than needed
def rotation(steps):
    return list("cehcgcaci")
