#!/usr/bin/env python3
"""A second verifier of crmdeck's audit logs. It needs Python 3.8 and nothing else.

It was written from the package comment of store/audit and shares no line with it.

    verify.py --key KEY [--store ID] [--head HEADS] LOG...

KEY is a file with the audit key in hex, LOG an export in JSON Lines, HEADS a file with
signed heads, one a line. For each LOG it prints one line: "good N" (N events),
"bad N" (event N is the first that does not fit) or "head" (a head proves nothing about
this store), and it ends with 0 if all are good, else with 1.
"""

import argparse
import calendar
import hashlib
import hmac
import json
import re
import sys

TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z\Z")
TEXTS = ("actor", "host", "act", "connection", "connection_id", "outcome", "evidence", "op")


def number(n):
    return n.to_bytes(8, "big")


def text(b):
    if isinstance(b, str):
        b = b.encode("utf-8")
    return number(len(b)) + b


def nanoseconds(s):
    m = TIME.match(s)
    if not m:
        raise ValueError("no time: " + s)
    seconds = calendar.timegm(tuple(int(x) for x in m.groups()[:6]))
    return seconds * 1_000_000_000 + int((m.group(7) or "").ljust(9, "0"))


def chain_value(key, before, event):
    said = text("crmdeck/audit/1") + text(before) + number(event["seq"]) + number(nanoseconds(event["at"]))
    for name in TEXTS:
        said += text(event.get(name, ""))
    return hmac.new(key, said, hashlib.sha256).digest()


# Ed25519, RFC 8032, 5.1: slow and plain, which is enough for a few heads.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * ROOT % P
    if (x * x - xx) % P or y >= P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, p)
        p, n = add(p, p), n >> 1
    return out


def base():
    y = 4 * pow(5, P - 2, P) % P
    x = recover_x(y, 0)
    return x, y, 1, x * y % P


B = base()


def compress(p):
    z = pow(p[2], P - 2, P)
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


def decompress(b):
    y = int.from_bytes(b, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def public_key(seed):
    a = bytearray(hashlib.sha512(seed).digest()[:32])
    a[0] &= 248
    a[31] = a[31] & 127 | 64
    return compress(times(int.from_bytes(a, "little"), B))


def signed_by(public, message, signature):
    if len(signature) != 64:
        return False
    r, s, a = decompress(signature[:32]), int.from_bytes(signature[32:], "little"), decompress(public)
    if r is None or a is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return compress(times(s, B)) == compress(add(r, times(k, a)))


class NoHead(Exception):
    pass


def open_head(key, store, head):
    try:
        chain, signature = bytes.fromhex(head["chain"]), bytes.fromhex(head["signature"])
        if head["format"] != "crmdeck-audit-head/1" or (store is not None and head["store"] != store):
            raise NoHead
        seed = hmac.new(key, text("crmdeck/audit head key/1") + text(head["store"]), hashlib.sha256).digest()
        said = text("crmdeck/audit head/1") + text(head["store"]) + number(head["count"]) + text(chain)
        said += number(nanoseconds(head["signed_at"]))
        if not signed_by(public_key(seed), said, signature):
            raise NoHead
        return head["count"], chain
    except (KeyError, ValueError, TypeError, OverflowError, AttributeError):
        raise NoHead from None


def check(key, heads, lines):
    """Returns the number of events and the first bad one, or None."""
    before, want = b"", 1
    for line in lines:
        try:
            event = json.loads(line)
            seq, value = event["seq"], bytes.fromhex(event["chain"])
            if seq > want:
                return want - 1, want
            if seq < want:
                return want - 1, seq
            if not hmac.compare_digest(value, chain_value(key, before, event)):
                return want - 1, seq
        except (KeyError, ValueError, TypeError, OverflowError, AttributeError):
            return want - 1, want
        for count, kept in heads:
            if count == seq and kept != value:
                return want - 1, seq
        before, want = value, want + 1
    if any(count >= want for count, _ in heads):
        return want - 1, want
    return want - 1, None


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--key", required=True)
    p.add_argument("--store")
    p.add_argument("--head")
    p.add_argument("log", nargs="+")
    a = p.parse_args()
    with open(a.key, encoding="ascii") as f:
        key = bytes.fromhex(f.read().strip())
    heads, good = [], True
    if a.head:
        try:
            with open(a.head, encoding="utf-8") as f:
                heads = [open_head(key, a.store, json.loads(line)) for line in f if line.strip()]
        except (NoHead, ValueError):
            heads = None
    for name in a.log:
        if heads is None:
            print("head")
            good = False
            continue
        with open(name, encoding="utf-8", newline="\n") as f:
            n, bad = check(key, heads, f)
        print("good %d" % n if bad is None else "bad %d" % bad)
        good = good and bad is None
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
