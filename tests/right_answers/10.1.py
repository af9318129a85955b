# %% passed | a table of cases, and a loop
import hmac

def sign(secret, body, name="sha256"):
    return f"{name}={hmac.digest(secret, body, name).hex()}"

def test_verify(verify):
    key, odd = b"key", bytes(range(250, 256))
    compact, spaced = b'{"a":1}', b'{ "a" : 1 }\r\n'
    right = sign(key, compact)
    flipped = right[:-1] + ("1" if right[-1] == "0" else "0")
    table = [
        (key, compact, right, True),
        (odd, compact, sign(odd, compact), True),
        (key, spaced, sign(key, spaced), True),
        (key, b"\x80", sign(key, b"\x80"), True),
        *((key, bytes([n]), sign(key, bytes([n])), True) for n in range(20)),
        (key, spaced, right, False),
        (odd, compact, right, False),
        (b"", compact, sign(b"", compact), False),
        *((key, compact, bad, False) for bad in (
            None, "", "sha256", "sha256==", right[7:], "x" + right, right + "é",
            right[:-1], right[:8], flipped, "sha1=" + right[7:],
            sign(key, compact, "sha1"), sign(key, compact, "sha512"),
            "sha256=" + "g" * 64,
        )),
    ]
    for secret, body, signature, wanted in table:
        assert verify(secret, body, signature) is wanted, (secret, body, signature)


# %% passed | unittest, with subTest, and failures that come out
import hmac, unittest

def sign(secret, body):
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()

def test_verify(verify):
    class Tests(unittest.TestCase):
        def runTest(self):
            for secret in (b"one", b"\x00\xff", b"two"):
                for body in (b"", b" x ", b"\xc3\x28", b'{"a":1}', b'{"a": 1}', *(b"n%d" % n for n in range(12))):
                    right = sign(secret, body)
                    with self.subTest(body=body):
                        self.assertTrue(verify(secret, body, right))
                        self.assertIs(verify(secret, body + b" ", right), False)
                        for at in range(0, 71, 9):
                            self.assertFalse(verify(secret, body, right[:at]))
                            self.assertFalse(verify(secret, body, right[:at] + "\u20ac" + right[at + 1:]))
                        self.assertFalse(verify(secret, body, right[:-1] + "-"))
            right = sign(b"one", b"{}")
            for bad in (None, right[7:], right + right, "a=b=c", "sha512=" + right[7:],
                        "sha1=" + hmac.digest(b"one", b"{}", "sha1").hex()):
                self.assertFalse(verify(b"one", b"{}", bad))
            self.assertFalse(verify(b"one", b'{"a": 1}', sign(b"one", b'{"a":1}')))
            self.assertFalse(verify(b"", b"{}", sign(b"", b"{}")))

    Tests().debug()


# %% passed | beside a reference, on inputs that are made by chance
import hmac, random

def reference(secret, body, signature):
    if not secret or signature is None:
        return False
    wanted = "sha256=" + hmac.digest(secret, body, "sha256").hex()
    return hmac.compare_digest(wanted.encode(), signature.encode())

def changed(rng, right, secret, body):
    sha1 = "sha1=" + hmac.digest(secret, body, "sha1").hex()
    at = rng.randrange(71)
    return rng.choice([
        right, right, None, "", sha1, right[7:], "md5=" + right[7:], right[:at],
        right[:at] + rng.choice("xé=") + right[at + 1:], right + rng.choice("0 é="[:1]),
        right[:-1] + rng.choice("0123456789abcdef"),
    ])

def test_verify(verify):
    rng = random.Random(7)
    bodies = [b'{"a":1}', b'{"a": 1}', b'{"a":1}\n', b"\xff\x00", b"text"]
    for _ in range(400):
        secret = rng.choice([b"", b"key", b"\xfe\xff", b"other"])
        body = rng.choice(bodies) + rng.choice([b"", b" ", b"%d" % rng.randrange(99)])
        signed = rng.choice([body, body, rng.choice(bodies)])
        right = "sha256=" + hmac.digest(secret, signed, "sha256").hex()
        signature = changed(rng, right, secret, body)
        wanted = reference(secret, body, signature)
        got = verify(secret, body, signature)
        assert got is wanted, f"{secret} {body} {signature}: {got}"
    assert not verify(b"key", b'{"a": 1}', "sha256=" + hmac.digest(b"key", b'{"a":1}', "sha256").hex())


# %% passed | all problems are gathered, and raised as one
import hmac

class Broken(Exception):
    pass

def sign(secret, body):
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()

def test_verify(verify):
    problems = []

    def expect(wanted, *args):
        try:
            answer = verify(*args)
        except Exception as error:
            answer = error
        if answer is not wanted:
            problems.append((args, answer))

    for number in range(15):
        body = b"\xff%d\n" % number
        expect(True, b"key", body, sign(b"key", body))
        expect(True, b"\xff", body, sign(b"\xff", body))
    for body in (b'{"a":1}', b'{"a":  1}'):
        expect(True, b"key", body, sign(b"key", body))
    right = sign(b"key", b'{"a":1}')
    for spelling in (b'{"a": 1}', b'{"a":1.0}', b'{"b":1}'):
        expect(False, b"key", spelling, right)
    for bad in (None, "", "=", "==", right[7:], "sha1" + right[6:], right[:-2], right[:9],
                right + "ab", right[:-1] + "\xe9", right[:20] + "z" + right[21:],
                right[:-1] + ("a" if right[-1] != "a" else "b"),
                "sha1=" + hmac.digest(b"key", b'{"a":1}', "sha1").hex()):
        expect(False, b"key", b'{"a":1}', bad)
    expect(False, b"", b"{}", sign(b"", b"{}"))
    if problems:
        raise Broken(problems)


# %% passed | a class that is called with the verifier
import hmac

class Contract:
    def __init__(self, verify):
        self.verify = verify
        for name in dir(self):
            if name.startswith("it_"):
                getattr(self, name)()

    def sign(self, secret, body, name="sha256"):
        return f"{name}=" + hmac.new(secret, body, name).hexdigest()

    def it_accepts(self):
        for secret in (b"a", b"b\xff"):
            for body in [b'{"x": [1, 2]}', b'{"x":[1,2]}', b"\r\n", b"\xa0"] + [b"." * n for n in range(15)]:
                assert self.verify(secret, body, self.sign(secret, body)) is True

    def it_refuses(self):
        right = self.sign(b"a", b"x")
        for bad in [right[:n] for n in range(71)] + [right[:n] + "\N{SNOWMAN}" + right[n + 1:] for n in range(71)]:
            assert self.verify(b"a", b"x", bad) is False
        for bad in (None, right[7:], right * 2, "a=b=c", self.sign(b"a", b"x", "sha1"), self.sign(b"c", b"x")):
            assert self.verify(b"a", b"x", bad) is False
        assert self.verify(b"a", b'{"x": 1}', self.sign(b"a", b'{"x":1}')) is False
        assert self.verify(b"", b"x", self.sign(b"", b"x")) is False

def test_verify(verify):
    Contract(verify)
