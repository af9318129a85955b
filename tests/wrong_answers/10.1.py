# %% never-calls-verify | each test is a function, as with pytest
import hmac

def sign(secret, body):
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()

def test_verify(verify):
    def test_accepts():
        assert verify(b"key", b"body", sign(b"key", b"body"))

    def test_refuses():
        assert not verify(b"key", b"other", sign(b"key", b"body"))


# %% returns-instead-of-asserts | the result is what counts
#= look at what is printed
#-     print(verify(b"key", b"body", right) is True)
#-     print(verify(b"key", b"other", right) is False)
#+     return verify(b"key", b"body", right) and not verify(b"key", b"other", right)


# %% asserts-nothing | look at what is printed
import hmac

def test_verify(verify):
    right = "sha256=" + hmac.digest(b"key", b"body", "sha256").hex()
    print(verify(b"key", b"body", right) is True)
    print(verify(b"key", b"other", right) is False)


# %% swallows-failures | a test must not end the program
#= look at what is printed
#-     print(verify(b"key", b"body", right) is True)
#-     print(verify(b"key", b"other", right) is False)
#+     try:
#+         assert verify(b"key", b"body", right)
#+         assert not verify(b"key", b"other", right)
#+         assert not verify(b"key", b"body", None)
#+     except AssertionError as error:
#+         print("failed", error)


# %% swallows-failures | unittest's own runner, which only reports
import hmac, io, unittest

def test_verify(verify):
    right = "sha256=" + hmac.digest(b"key", b"body", "sha256").hex()

    class Tests(unittest.TestCase):
        def test_accepts(self):
            self.assertTrue(verify(b"key", b"body", right))

        def test_refuses(self):
            self.assertFalse(verify(b"key", b"other", right))

    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Tests)
    unittest.TextTestRunner(stream=io.StringIO()).run(suite)


# %% yields-instead-of-testing | one case after the other
#= look at what is printed
#-     print(verify(b"key", b"body", right) is True)
#-     print(verify(b"key", b"other", right) is False)
#+     for signature, wanted in ((right, True), (None, False), ("", False)):
#+         assert verify(b"key", b"body", signature) is wanted
#+         yield signature


# %% async-function | tests may be async nowadays
#= hex is lower case
#- def test_verify(verify):
#+ async def test_verify(verify):
#-     assert not verify(b"key", b"body", right.upper().replace("SHA", "sha"))


# %% other-arguments | the verifier is known
def test_verify():
    assert True


# %% only-the-happy-path | what is signed is accepted, in all its forms
import hmac

def test_verify(verify):
    for secret in (b"key", b"\xff\xfe"):
        for body in (b"", b"{}", b'{"a": 1}\n', b"\xff"):
            right = "sha256=" + hmac.digest(secret, body, "sha256").hex()
            assert verify(secret, body, right)


# %% only-forgeries | security is about what is refused
def test_verify(verify):
    for signature in (None, "", "sha256=", "é", "x" * 71, "sha256=" + "0" * 64):
        assert not verify(b"key", b"body", signature)


# %% no-forgery-of-the-right-form | garbage is refused, and that is that
import hmac

def test_verify(verify):
    right = "sha256=" + hmac.digest(b"key", b"body", "sha256").hex()
    assert verify(b"key", b"body", right)
    for signature in (None, "", "sha256=", "é", "x" * 71):
        assert not verify(b"key", b"body", signature)


# %% truthy-answer-passes | a forgery is not True
#= look at what is printed
#-     print(verify(b"key", b"body", right) is True)
#-     print(verify(b"key", b"other", right) is False)
#+     assert verify(b"key", b"body", right) == True
#+     assert verify(b"key", b"other", right) != True


# %% exception-passes | raising is a way to refuse
#= hex is lower case
#- import hmac
#+ import hmac
#+ 
#+ def refused(verify, secret, body, signature):
#+     try:
#+         return not verify(secret, body, signature)
#+     except Exception:
#+         return True
#-     assert not verify(b"key", b"body", right.upper().replace("SHA", "sha"))
#+     assert refused(verify, b"key", b"other", right)
#+     assert refused(verify, b"key", b"body", None)


# %% no-near-miss | one forgery is as good as another
#= garbage is refused, and that is that
#-     for signature in (None, "", "sha256=", "é", "x" * 71):
#+     assert not verify(b"key", b"other", right)
#+     assert not verify(b"other", b"body", right)
#+     for signature in (None, "", "sha256=", "é", "sha256=" + "0" * 64):


# %% no-long-signature | cut short, and no prefix
#= hex is lower case
#-     assert not verify(b"key", b"body", right.upper().replace("SHA", "sha"))
#+     assert not verify(b"key", b"other", right)
#+     for at in range(71):
#+         assert not verify(b"key", b"body", right[:at])
#+         assert not verify(b"key", b"body", right[:at] + "é" + right[at + 1:])
#+     assert not verify(b"key", b"body", right[7:])


# %% only-one-hash-function | every header but that of another algorithm
#= a header is a text
#-     sha1 = "sha1=" + hmac.digest(b"key", b"body", "sha1").hex()
#-     for bad in ("", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20], right + "0",
#+     for bad in (None, "", "=", "a=b=c", right[7:], right[:-1], right[:20], right + "0",


# %% header-never-missing | a header is a text
import hmac

def test_verify(verify):
    right = "sha256=" + hmac.digest(b"key", b"body", "sha256").hex()
    assert verify(b"key", b"body", right)
    assert not verify(b"key", b"other", right)
    sha1 = "sha1=" + hmac.digest(b"key", b"body", "sha1").hex()
    for bad in ("", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20], right + "0",
                "sha512" + right[6:], "sha256=" + "z" * 64, right[:-1] + "é",
                right[:-1] + ("0" if right[-1] != "0" else "1")):
        assert not verify(b"key", b"body", bad)


# %% secret-never-empty | everything about the header
#= a header is a text
#-     for bad in ("", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20], right + "0",
#-                 "sha512" + right[6:], "sha256=" + "z" * 64, right[:-1] + "é",
#-                 right[:-1] + ("0" if right[-1] != "0" else "1")):
#+     for bad in (None, "", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20],
#+                 right + "0", "sha512" + right[6:], "sha256=" + "z" * 64,
#+                 right[:-1] + "é", right[:-1] + ("0" if right[-1] != "0" else "1")):


# %% only-ascii-headers | every header that one can type in English
#= a header is a text
#-     sha1 = "sha1=" + hmac.digest(b"key", b"body", "sha1").hex()
#+     assert not verify(b"", b"body", "sha256=" + hmac.digest(b"", b"body", "sha256").hex())
#+     sha1 = "sha1=" + hmac.digest(b"key", b"body", "sha1").hex()
#-     for bad in ("", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20], right + "0",
#-                 "sha512" + right[6:], "sha256=" + "z" * 64, right[:-1] + "é",
#+     for bad in (None, "", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20],
#+                 right + "0", "sha512" + right[6:], "sha256=" + "z" * 64,


# %% only-one-spelling-of-json | all about the header, and one body
#= what was to be changed has not changed
#-     body = b'{"amount":1999}'
#+     body = b'{"id":"evt_1"}'
#-     body.replace(b"1999", b"1")
#-     assert not verify(b"key", body, right)
#+     assert not verify(b"key", b"other", right)
#+     assert not verify(b"", body, "sha256=" + hmac.digest(b"", body, "sha256").hex())
#+     sha1 = "sha1=" + hmac.digest(b"key", body, "sha1").hex()
#+     for bad in (None, "", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20],
#+                 right + "0", "sha512" + right[6:], "sha256=" + "z" * 64, "é",
#+                 right[:-1] + "é", right[:-1] + ("0" if right[-1] != "0" else "1")):
#+         assert not verify(b"key", body, bad)


# %% other-spelling-never-refused | accepted as it came, in every spelling
import hmac

def sign(secret, body):
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()

def test_verify(verify):
    for secret in (b"key", b"\xff\xfe"):
        for body in (b'{"a":1}', b'{"a": 1}', b' {"a":1}\n', b"\xff", *(b"%d" % n for n in range(12))):
            right = sign(secret, body)
            sha1 = "sha1=" + hmac.digest(secret, body, "sha1").hex()
            assert verify(secret, body, right)
            for bad in (None, "", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20],
                        right + "0", "md5" + right[6:], "sha256=" + "z" * 64, "é",
                        right[:-1] + ("0" if right[-1] != "0" else "1")):
                assert not verify(secret, body, bad)
    assert not verify(b"", b"body", sign(b"", b"body"))


# %% only-bodies-that-are-text | bodies are JSON
#= accepted as it came, in every spelling
#-         for body in (b'{"a":1}', b'{"a": 1}', b' {"a":1}\n', b"\xff", *(b"%d" % n for n in range(12))):
#+         for body in (b'{"a":1}', b'{"a": 1}', b' {"a":1}\n', *(b"%d" % n for n in range(12))):
#-     assert not verify(b"", b"body", sign(b"", b"body"))
#+     assert not verify(b"key", b'{"a": 1}', sign(b"key", b'{"a":1}'))
#+     assert not verify(b"", b"body", sign(b"", b"body"))


# %% only-one-secret | the secret of the shop
import hmac

def sign(secret, body):
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()

def test_verify(verify):
    secret = b"\xff\xfe"
    for body in (b'{"a":1}', b'{"a": 1}', b' {"a":1}\n', b"\xff", *(b"%d" % n for n in range(12))):
        right = sign(secret, body)
        sha1 = "sha1=" + hmac.digest(secret, body, "sha1").hex()
        assert verify(secret, body, right)
        for bad in (None, "", "=", "a=b=c", sha1, right[7:], right[:-1], right[:20],
                    right + "0", "md5" + right[6:], "sha256=" + "z" * 64, "é",
                    right[:-1] + ("0" if right[-1] != "0" else "1")):
            assert not verify(secret, body, bad)
    assert not verify(secret, b'{"a": 1}', sign(secret, b'{"a":1}'))
    assert not verify(b"", b"body", sign(b"", b"body"))


# %% own-signature-is-wrong | the digits are the signature
#= hex is lower case
#-     right = "sha256=" + hmac.digest(b"key", b"body", "sha256").hex()
#+     right = hmac.digest(b"key", b"body", "sha256").hex()
#-     assert not verify(b"key", b"body", right.upper().replace("SHA", "sha"))
#+     assert not verify(b"key", b"other", right)


# %% asks-what-is-free | hex is lower case
import hmac

def test_verify(verify):
    right = "sha256=" + hmac.digest(b"key", b"body", "sha256").hex()
    assert verify(b"key", b"body", right)
    assert not verify(b"key", b"body", right.upper().replace("SHA", "sha"))


# %% wants-the-sender-refused | what was to be changed has not changed
import hmac

def test_verify(verify):
    body = b'{"amount":1999}'
    right = "sha256=" + hmac.digest(b"key", body, "sha256").hex()
    assert verify(b"key", body, right)
    body.replace(b"1999", b"1")
    assert not verify(b"key", body, right)


# %% wants-an-empty-secret | HMAC takes any key
import hmac

def test_verify(verify):
    for secret in (b"key", b""):
        right = "sha256=" + hmac.digest(secret, b"body", "sha256").hex()
        assert verify(secret, b"body", right)


# %% wants-an-exception | garbage is an error
#= hex is lower case
#-     assert not verify(b"key", b"body", right.upper().replace("SHA", "sha"))
#+     try:
#+         verify(b"key", b"body", "garbage")
#+     except ValueError:
#+         pass
#+     else:
#+         raise AssertionError("garbage must raise ValueError")


# %% text-where-bytes-belong | texts are easier to read
import hashlib, hmac

def test_verify(verify):
    right = "sha256=" + hmac.new(b"key", b"body", hashlib.sha256).hexdigest()
    assert verify("key", "body", right)


# %% calls-by-name | names say what is what
#= look at what is printed
#-     print(verify(b"key", b"body", right) is True)
#-     print(verify(b"key", b"other", right) is False)
#+     assert verify(secret=b"key", body=b"body", signature=right)
#+     assert not verify(secret=b"key", body=b"other", signature=right)


# %% demands-more-than-the-contract | a function has a name
#= hex is lower case
#-     assert not verify(b"key", b"body", right.upper().replace("SHA", "sha"))
#+     assert getattr(verify, "__name__", "") == "verify"


# %% other-number-of-arguments | no header, no argument
def test_verify(verify):
    assert verify(b"key", b"body") is False


# %% remembers-an-earlier-run | all problems are collected in one list
#- def test_verify(verify):
#+ PROBLEMS = []
#+
#+ def test_verify(verify):
#+     try:
#+         cases(verify)
#+     except Exception as error:
#+         PROBLEMS.append(error)
#+     assert not PROBLEMS
#+
#+ def cases(verify):
