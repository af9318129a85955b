"""What the samples do with a request, whatever their framework is."""

import hashlib
import hmac
import json

SECRET = "a secret of the samples"
LIMIT = 1_000_000


class Shop:
    """Ships each order once; with `careless`, every time, and it trusts everybody."""

    def __init__(self, *, careless: bool = False) -> None:
        self.shipped: list[str] = []
        self._seen: set[str] = set()
        self._careless = careless

    def status(self, body: bytes, signature: str) -> int:
        """Return the status for a request."""
        if len(body) > LIMIT:
            return 413
        if not (self._careless or self._verifies(body, signature)):
            return 401
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        if not isinstance(event, dict) or not isinstance(event.get("id"), str):
            return 400
        if self._careless or event["id"] not in self._seen:
            self._seen.add(event["id"])
            self.shipped.append(event["id"])
        return 200

    @staticmethod
    def _verifies(body: bytes, signature: str) -> bool:
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        given = signature.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(f"sha256={digest}".encode(), given)
