"""Makes `mailbox.mbox.gz`, 500 mails in Dutch and English as Python's `email` and `mailbox` write them, and
`mailbox.jsonl.gz`, what each says in its writer's own words. All text is ours.

    python3 crates/cli/tests/data/make_mailbox.py
"""

import gzip
import json
import mailbox
import random
import tempfile
from datetime import datetime, timedelta, timezone
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

HERE = Path(__file__).parent
MAILS = 500
CUSTOMER = {
    "nl": ["Waar blijft mijn bestelling? Ik wacht al drie weken.", "De monteur is niet geweest en niemand belde af.",
           "Dit is de derde keer dat ik het vraag.", "Hartelijk dank, het is netjes opgelost.",
           "Wanneer krijg ik antwoord op mijn vraag over de factuur?", "Laat maar, ik regel het zelf wel.",
           "Één ding begrijp ik niet: waarom is er € 45 afgeschreven?", "Ik vind het héél vervelend dat dit zo loopt."],
    "en": ["Where is my order? I have been waiting for three weeks.", "The engineer did not come and nobody called.",
           "From now on I will only write by registered mail.", "Thank you, that was solved very nicely.",
           "When will I hear about my refund of £20?", "Never mind, I will do it myself.",
           "My café has been without a connection since Friday."],
}
STAFF = {
    "nl": ["Wij hebben uw vraag doorgezet naar de planning.", "De monteur komt morgen tussen acht en twaalf uur.",
           "Het bedrag is teruggeboekt.", "Excuses voor het ongemak, wij zoeken het uit."],
    "en": ["We have passed your question on to planning.", "The engineer will come tomorrow morning.",
           "The amount has been refunded.", "Sorry for the trouble, we are looking into it."],
}
CLOSING = {"nl": "Met vriendelijke groet,", "en": "Kind regards,"}
NAMES = ["Anneke de Vries", "Björn Østergaard", "José Núñez", "Marieke van 't Hof", "Ömer Yılmaz", "Ruth Clarke"]
DESKS = {"hulp": "klantenservice", "planning": "planner", "facturen": "debiteurenadministratie"}
FORMS = ["7bit", "quoted-printable", "base64", "latin-1", "windows-1252", "alternative", "attachment", "html"]


def quote(random, language, previous):
    """The mail before, as programs quote it."""
    when, who, text = previous["at"], previous["from"], previous["body"].strip()
    quoted = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    style = random.randrange(3)
    if style == 0 and language == "nl":
        return f"Op {when:%d-%m-%Y} om {when:%H:%M} schreef {who.display_name} <{who.addr_spec}>:\n{quoted}"
    if style < 2:
        return f"On {when:%d %B %Y at %H:%M}, {who.display_name} <{who.addr_spec}> wrote:\n\n{quoted}"
    words = ("Oorspronkelijk bericht", "Van", "Verzonden", "Aan", "Onderwerp") if language == "nl" else \
        ("Original Message", "From", "Sent", "To", "Subject")
    return (f"-----{words[0]}-----\n{words[1]}: {who.display_name}\n{words[2]}: {when:%d-%m-%Y %H:%M}\n"
            f"{words[3]}: hulp@bedrijf.example\n{words[4]}: Vraag\n\n{text}")


def signature(random, language, name):
    style = random.randrange(4)
    if style == 0:
        return f"-- \n{name}\nDorpsstraat 12"
    if style == 1:
        return f"{CLOSING[language]}\n\n{name}"
    if style == 2:
        return "Verstuurd vanaf mijn iPhone" if language == "nl" else "Sent from my phone"
    return ""


def html(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "<html><body>" + "".join(f"<div>{line or '<br>'}</div>" for line in escaped.split("\n")) + "</body></html>"


def fill(mail, form, body, random):
    if form in ("latin-1", "windows-1252"):
        try:
            body.encode(form)
            mail.set_content(body, charset=form, cte="8bit" if form == "latin-1" else "quoted-printable")
            return form
        except UnicodeEncodeError:
            form = "quoted-printable"
    if form == "7bit" and not body.isascii():
        form = "8bit"
    if form == "html":
        mail.set_content(html(body), subtype="html", cte="quoted-printable")
    elif form in ("alternative", "attachment"):
        mail.set_content(body, cte="quoted-printable")
        if form == "alternative":
            mail.add_alternative(html(body), subtype="html", cte="base64")
        else:
            mail.add_attachment(random.randbytes(600), maintype="application", subtype="pdf", filename="bijlage é.pdf")
            mail.add_attachment("van een ander, niet van de schrijver\n", filename="notitie.txt")
        mail.set_boundary(f"=_{random.getrandbits(64):016x}")
    else:
        mail.set_content(body, cte=form)
    return form


def main():
    rng = random.Random(20260302)
    threads = []
    while sum(threads) < MAILS:
        threads.append(min(1 + rng.randrange(7), MAILS - sum(threads)))
    mails, start = [], datetime(2026, 1, 5, 8, tzinfo=timezone(timedelta(hours=1)))
    for number, length in enumerate(threads):
        language = rng.choice(["nl", "nl", "en"])
        name = rng.choice(NAMES)
        customer = Address(name, f"klant{number}", "klant.example")
        at, ids, previous = start + timedelta(hours=7 * number), [], None
        for turn in range(length):
            staff = turn % 2 == 1
            desk = rng.choice(sorted(DESKS))
            sender = Address(f"Bedrijf {desk}", desk, "bedrijf.example") if staff else customer
            texts = (STAFF if staff else CUSTOMER)[language]
            own = "\n\n".join(rng.sample(texts, 1 + rng.randrange(2)))
            parts = [own, signature(rng, language, sender.display_name)]
            if previous:
                parts.append(quote(rng, language, previous))
            body = "\n\n".join(part for part in parts if part) + "\n"
            at += timedelta(minutes=30 + rng.randrange(4000))
            mail = EmailMessage(policy=policy.default)
            mail["From"] = sender
            mail["To"] = customer if staff else Address("Bedrijf", "hulp", "bedrijf.example")
            mail["Subject"] = ("Re: " if turn else "") + f"Vraag over één bestelling – {number}"
            mail["Date"] = format_datetime(at)
            mail["Message-ID"] = f"<{number}.{turn}.{rng.getrandbits(48):012x}@{sender.domain}>"
            if ids:
                mail["In-Reply-To"] = ids[-1]
                # Some programs name the last mail only; the thread holds by the others.
                mail["References"] = " ".join(ids[-1:] if rng.randrange(3) == 0 else ids)
            form = fill(mail, FORMS[len(mails) % len(FORMS)], body, rng)
            ids.append(mail["Message-ID"])
            expected = {"id": ids[-1].strip("<>"), "interaction": ids[0].strip("<>"), "text": own,
                        "customer": customer.addr_spec, "speaker": "staff" if staff else "customer",
                        "at": at.isoformat(), "form": form}
            if staff:
                expected["role"] = DESKS[desk]
            mails.append((at, mail, expected))
            previous = {"at": at, "from": sender, "body": body}
    mails.sort(key=lambda mail: mail[0])
    with tempfile.TemporaryDirectory() as folder:
        box = mailbox.mbox(Path(folder) / "box")
        for at, mail, _ in mails:
            message = mailbox.mboxMessage(mail)
            message.set_from("post", at.timetuple())
            box.add(message)
        box.close()
        raw = (Path(folder) / "box").read_bytes()
    (HERE / "mailbox.mbox.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
    rows = [json.dumps(expected, ensure_ascii=False) for _, _, expected in mails]
    (HERE / "mailbox.jsonl.gz").write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(), 9, mtime=0))
    print(f"{len(mails)} mails in {len(threads)} threads, {len(raw)} bytes")


main()
