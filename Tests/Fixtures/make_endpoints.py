"""Writes endpoint-addresses.jsonl and endpoint-urls.jsonl: the expected results of the production policy.

Python's `ipaddress` computes them from the blocks of the IANA special-purpose registries. For spellings that parsers
interpret differently, they are listed manually.

Usage: make_endpoints.py addresses|urls
"""

import ipaddress
import json
import sys

V4 = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
198.51.100.0/24 203.0.113.0/24 192.31.196.0/24 192.175.48.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32 168.63.129.16/32""".split()
V6 = """::/128 ::1/128 ::/96 ::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23
2001::/32 2001:2::/48 2001:10::/28 2001:20::/28 2001:db8::/32 3fff::/20 2002::/16 2620:4f:8000::/48 5f00::/16 fc00::/7
fe80::/10 fec0::/10 ff00::/8""".split()
BLOCKS = [ipaddress.ip_network(block) for block in V4 + V6]
GLOBAL = ipaddress.ip_network("2000::/3")
METADATA = """169.254.169.254 169.254.170.2 169.254.170.23 100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254
fd20:ce::254 fe80::a9fe:a9fe""".split()
PUBLIC = """1.1.1.1 8.8.8.8 9.9.9.9 93.184.216.34 151.101.1.69 192.0.1.1 100.128.0.1 172.32.0.1 2606:4700::1111
2001:4860:4860::8888 2620:fe::fe 2a00:1450:4001:81b::200e 2400:cb00:2048:1::c629:d7a2 2600:: 2001:500:2::c""".split()
EMBEDDED = """127.0.0.1 10.0.0.1 169.254.169.254 8.8.8.8 0.0.0.0 192.168.1.1 255.255.255.255""".split()
NOT_ADDRESSES = [
    "", " ", "1", "0", "127.1", "127.0.1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "256.1.1.1", "01.2.3.4", "010.8.8.8",
    "8.8.8.08", "0x7f.0.0.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.", ".127.0.0.1",
    "127..0.1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.4\x00", "+1.2.3.4", "-1.2.3.4", "1.2.3.0x4", "1.2.3.4/32",
    "1.2.3.4:80", "１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "٨.٨.٨.٨", "localhost", "example.com", "[::1]", "[2606:4700::1111]",
    "fe80::1%eth0", "fe80::1%25eth0", "2606:4700::1111%1", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8:", ":1::", "::12345", "::g", "1.2.3.4::", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4", "::0x1.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4", "2606:4700::/32", "::ffff:127.1", "::ffff:0x7f.0.0.1", "2606:4700::1111 ", "٢٦٠٦::1",
]  # fmt: skip


def is_allowed(address):
    if any(address in block for block in BLOCKS if block.version == address.version):
        return False
    return address.version == 4 or address in GLOBAL


def addresses():
    seen = {}

    def judge(address):
        seen.setdefault(str(address), "allow" if is_allowed(address) else "deny")

    for block in BLOCKS + [GLOBAL]:
        make = ipaddress.IPv4Address if block.version == 4 else ipaddress.IPv6Address
        first, last = int(block.network_address), int(block.broadcast_address)
        for number in [first - 1, first, first + 1, (first + last) // 2, last - 1, last, last + 1]:
            if 0 <= number < 1 << block.max_prefixlen:
                judge(make(number))
    for text in METADATA + PUBLIC:
        judge(ipaddress.ip_address(text))
    for text in EMBEDDED:
        number = int(ipaddress.IPv4Address(text))
        for form in [
            number, 0xFFFF << 32 | number, 0xFFFF << 48 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80,
            0x64FF9B0001 << 80 | number, 0x20010000 << 96 | ~number & 0xFFFFFFFF, 0xFE80 << 112 | 0x5EFE << 32 | number,
        ]:  # fmt: skip
            judge(ipaddress.IPv6Address(form))
    for text, verdict in seen.items():
        yield {"ip": text, "expect": verdict}
    # The same addresses in other allowed spellings.
    for text in ["2606:4700:0000:0000:0000:0000:0000:1111", "2606:4700:0::1111", "2606:4700::0:1111", "2606:4700::17.17.17.17"]:
        yield {"ip": text, "expect": "allow"}
    for text in ["::FFFF:127.0.0.1", "0:0:0:0:0:ffff:7f00:1", "0000::0001", "::ffff:8.8.8.8", "64:FF9B::8.8.8.8", "::127.0.0.1"]:
        yield {"ip": text, "expect": "deny"}
    for text in NOT_ADDRESSES:
        yield {"ip": text, "expect": "deny", "code": "invalid_address"}


URLS = [
    ("allow", None, """https://example.com https://example.com/ https://example.com:443/ HTTPS://Hooks.Example.COM./a/b?c=d&e=@
        https://example.com?x https://example.com/a%20b https://example.com/%23 https://example.com/a//b/../c
        https://example.com/@user https://example.com/?u=a@b https://example.com/:80 https://example.com/[x]
        https://mylocalhost.example.com/ https://local.example.com/ https://internal.example.com/ https://localhost.com/
        https://test.example/ https://a.b.c.d.e.f.example.com/ https://1.example.com/ https://127.0.0.1.example.com/
        https://xn--bcher-kva.example/ https://xn--fa-hia.example/ https://xn--4dbrk0ce.example/ https://xn--fiqs8s.example/ https://xn--e1afmkfd.example/ https://ab--cd.example/
        https://8.8.8.8/ https://[2606:4700::1111]/ https://[2606:4700:0:0::1111]/ https://[2606:4700::1111]:443/hooks
        https://127-0-0-1.example.com/ https://0x7f.example.com/ https://hooks.example.com/metadata/169.254.169.254
        https://127.0.0.1.nip.io/ https://localtest.me/ https://a.co/ https://3com.com/"""),
    ("deny", "scheme_not_allowed", """http://example.com/ ftp://example.com/ https:/example.com https:example.com
        //example.com http+unix://x/ https+unix://x/ unix:/run/x file:///etc/passwd javascript:alert(1) gopher://example.com/
        wss://example.com/ https//example.com example.com ://example.com"""),
    ("deny", "credentials_not_allowed", """https://user@example.com/ https://user:pass@example.com/ https://:@example.com/
        https://@example.com/ https://example.com@127.0.0.1/ https://127.0.0.1@example.com/ https://a@b@example.com/
        https://example.com:443@127.0.0.1/"""),
    ("deny", "fragment_not_allowed", """https://example.com/#x https://example.com#@127.0.0.1/ https://example.com/a?b#
        https://127.0.0.1#.example.com/"""),
    ("deny", "port_not_allowed", """https://example.com:/ https://example.com:80/ https://example.com:0443/
        https://example.com:99999/ https://example.com:-1/ https://example.com:+443/ https://example.com:0x1bb/
        https://example.com:443a/ https://example.com:8443/ https://example.com:22/ https://8.8.8.8:80/
        https://[2606:4700::1111]:80/ https://[2606:4700::1111]:/ https://example.com:%34%34%33/ https://example.com:0/"""),
    ("deny", "invalid_host", """https:///path https:// https://?x https://exa_mple.com/ https://-a.com/ https://a-.com/
        https://a..com/ https://.com/ https://.example.com/ https://example.com../ https://%31%32%37.0.0.1.example.com/ https://127.0.0.%31/ https:///example.com:80x
        https://example.com%2f.x.com/ https://example%00.com/ https://exam!ple.com/ https://a,b.com/ https://example.com;x/
        https://xn--/ https://xn--a.example/ https://xn--ls8h-.example/ https://xn--0.example/ https://xn--80ak6aa92e-.com/
        https://$(id).example.com/ https://`id`.example.com/ https://{x}.example.com/ https://example.com|x/
        https://xn--abc-.example/ https://xn--mgb2g.com/ https://xn--mgb4g.com/ https://xn--p5b6f0a.com/ https://xn--pjds.com/
        https://xn--clc6fxa.com/ https://xn--l2b4b.com/ https://xn--0pd8s.com/ https://xn--4db45c.com/ https://xn--mgb20b.com/ https://xn--a-ecp.ru.xn--9.example/"""),
    ("deny", "invalid_address", """https://2130706433/ https://0x7f.1/ https://0x7f000001/ https://017700000001/
        https://127.1/ https://127.0.1/ https://127.0.0.1./ https://0/ https://1.2.3.4.5/ https://example.123/
        https://010.8.8.8/ https://8.8.8.08/ https://256.256.256.256/ https://1.2.3.0x4/ https://example.0x7f/ https://[::1/
        https://[::1]x/ https://[fe80::1%25eth0]/ https://[v1.x]/ https://::1/ https://[]/ https://[127.0.0.1]/
        https://[localhost]/ https://[::ffff:127.1]/ https://2606:4700::1111/ https://[2606:4700::1111/ https://[[::1]]/
        https://example.com:80:443/ https://a.1/ https://1/ https://%31%32%37.0.0.1/ https://0.0.0.0x0/
        https://1.1.1.1:443:443/"""),
    ("deny", "local_name", """https://localhost/ https://LOCALHOST./ https://localhost:443/ https://foo.localhost/
        https://example/ https://a.local/ https://db.internal/ https://metadata.google.internal/ https://x.home.arpa/
        https://home.arpa/ https://a.b.c.internal/ https://router.lan/ https://nas.home/ https://x.corp/ https://x.intranet/
        https://x.private/ https://hidden.onion/ https://x.alt/ https://x.test/ https://x.invalid/ https://x.localdomain/
        https://kubernetes.default.svc/ https://web.service.consul/ https://com/ https://a/"""),
    ("deny", "blocked_address", """https://127.0.0.1/ https://127.0.0.1:443/ https://10.0.0.1/ https://172.16.0.1/
        https://192.168.0.1/ https://169.254.169.254/latest/meta-data/ https://169.254.170.2/ https://100.100.100.200/
        https://168.63.129.16/ https://0.0.0.0/ https://255.255.255.255/ https://224.0.0.1/ https://[::]/ https://[::1]/
        https://[::ffff:8.8.8.8]/ https://[::ffff:127.0.0.1]/ https://[::FFFF:7F00:1]/ https://[64:ff9b::7f00:1]/
        https://[2002:7f00:1::]/ https://[2001::1]/ https://[fe80::1]/ https://[fc00::1]/ https://[fd00:ec2::254]/
        https://[ff02::1]/ https://[2001:db8::1]/ https://[::127.0.0.1]/ https://[fec0::1]/ https://198.18.0.1/"""),
]  # fmt: skip
# Labels in other scripts, according to RFC 5892 (appendix A) and RFC 5893 (section 2).
LABELS = [
    ("allow", """col·legi paral·lel \u0646\u0627\u0645\u0647\u200c\u0627\u06cc क्\u200d क्\u200cष ͵α א׳ א״ב カ・メラ 三・二 بوابة١٢ ا۱۲ straße οδός ọ́ q\u0330 한국"""),
    ("deny", """☃ ❤ a·b l·a ·l l· a\u200cb \u200cا ا\u200c क\u200d ͵a α͵ ׳א a׳ ・ a・b ا١۱ ١ا a١ اa ابa1 e\u0301 o\u0302\u0323 \u0301a ａ Ⅷ ab--é é- -é \u1112\u1161\u11ab a\u2060b"""),
]  # fmt: skip
FORBIDDEN = [
    "https://example.com\\@127.0.0.1/", "https:\\\\example.com/", "https://example.com/a b", " https://example.com/",
    "https://example.com/ ", "https://example.com/\r\nX: y", "https://exa\tmple.com/", "https://example.com/\t",
    "https://exämple.com/", "https://１２７.0.0.1/", "https://127。0。0。1/", "https://①②⑦.0.0.1/", "https://ｌｏｃａｌｈｏｓｔ/",
    "https://localho\u017ft/", "https://local\u00adhost/", "https://local\u200bhost/", "https://example.com\u0000.x/",
    "https://example.com/\u007f", "https://example.com/é", "https://example.com\u2044@x/", "https://example.com\uff0fx/",
    "\u0000https://example.com/", "https://example.com/\U0001f600", "htt\nps://example.com/", "https://[::1]\\/",
]  # fmt: skip


def urls():
    for verdict, code, texts in URLS:
        for text in texts.split():
            case = {"url": text, "expect": verdict}
            yield case | {"code": code} if code else case
    for verdict, texts in LABELS:
        for text in texts.split():
            case = {"url": f"https://xn--{text.encode('punycode').decode()}.example/", "expect": verdict}
            yield case if verdict == "allow" else case | {"code": "invalid_host"}
    for host in ["1.xn--4dbrk0ce.example", "xn--4dbrk0ce.xn--bcher-kva.1a", "a-1.1.xn--4dbrk0ce"]:
        yield {"url": f"https://{host}/", "expect": "deny", "code": "invalid_host"}
    for text in FORBIDDEN:
        yield {"url": text, "expect": "deny", "code": "forbidden_character"}
    yield {"url": "", "expect": "deny", "code": "scheme_not_allowed"}
    base = "https://example.com/"
    yield {"url": base + "a" * (2048 - len(base)), "expect": "allow"}
    yield {"url": base + "a" * (2049 - len(base)), "expect": "deny", "code": "url_too_long"}
    label = "a" * 63
    yield {"url": f"https://{label}.{label}.{label}.{'a' * 61}/", "expect": "allow"}
    yield {"url": f"https://{label}.{label}.{label}.{'a' * 62}/", "expect": "deny", "code": "invalid_host"}
    yield {"url": f"https://{label}a.example/", "expect": "deny", "code": "invalid_host"}


for case in {"addresses": addresses, "urls": urls}[sys.argv[1]]():
    print(json.dumps(case))
