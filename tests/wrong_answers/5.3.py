# %% provider-signs-before-the-receiver-knows | new secret, use it, then tell the others
def rotation(steps):
    return ["e", "g", "h", "c", "a"]

# %% receiver-replaces-before-the-provider-signs | our own side first
def rotation(steps):
    return ["e", "a", "g"]

# %% deletes-the-old-secret-first | it has leaked, every minute counts
def rotation(steps):
    return ["e", "i", "h", "g", "c", "a"]

# %% deletes-the-old-secret-first | before there is another
def rotation(steps):
    return ["i", "e", "h", "g", "c", "a"]

# %% both-at-the-same-moment | a good plan and two good clocks
def rotation(steps):
    return ["e", "d"]

# %% both-at-the-same-moment | a wait, then the moment
def rotation(steps):
    return ["e", "c", "d"]

# %% stops-the-receiver | what is down makes no mistakes
def rotation(steps):
    return ["e", "b", "c", "j", "g"]

# %% accepts-unsigned-requests | nothing may be refused
def rotation(steps):
    return ["f", "e", "g", "c", "a"]

# %% old-secret-stays-valid | everything works, so it is done
def rotation(steps):
    return ["e", "h", "g", "c"]

# %% old-secret-stays-valid | nothing to do
def rotation(steps):
    return []

# %% old-secret-stays-valid | the provider forgets it, that is enough
def rotation(steps):
    return ["e", "h", "g", "i"]

# %% forgets-what-is-on-its-way | as short as can be
def rotation(steps):
    return ["e", "h", "g", "a"]

# %% forgets-what-is-on-its-way | the wait at the end
def rotation(steps):
    return ["e", "h", "g", "a", "c"]

# %% forgets-what-is-on-its-way | the wait before the provider changes
def rotation(steps):
    return ["e", "h", "c", "g", "a"]

# %% forgets-what-is-on-its-way | both sign, one accepts
def rotation(steps):
    return ["e", "b", "a", "g"]

# %% uses-a-secret-that-is-not-made | the receiver gets ready
def rotation(steps):
    return ["h", "e", "g", "c", "a"]

# %% uses-a-secret-that-is-not-made | all the steps as they come
def rotation(steps):
    return steps

# %% not-one-of-the-steps | numbers instead of letters
def rotation(steps):
    return [5, 8, 7, 3, 1]

# %% not-one-of-the-steps | a plan in words of one's own
def rotation(steps):
    return ["tell everybody", "change the secret"]

# %% not-one-of-the-steps | a number of steps
def rotation(steps):
    return len(steps)

# %% returns-nothing | printed for the colleagues
def rotation(steps):
    for letter in "ehgca":
        print(letter)

# %% too-many-steps | again and again
def rotation(steps):
    return ["e", "h", "g", "c", "a"] * 20
