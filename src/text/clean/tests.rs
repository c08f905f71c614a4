use super::*;

fn kept(text: &str) -> String {
    own_words(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn ranges_are_cut_off_between_characters_and_each_shows_something() {
    let text = "ab\n> cd\neé\n \tfg";
    for (bytes, expected, cut) in [
        (usize::MAX, "ab\neé\n \tfg", false),
        (11, "ab\neé\n \tfg", false),
        (10, "ab\neé\n \tf", true),
        (9, "ab\neé\n", true),
        (7, "ab\neé\n", true),
        (5, "ab\ne", true),
        (3, "ab\n", true),
        (0, "", true),
    ] {
        let mut ranges = own_words(text);
        assert_eq!(cut_off(&mut ranges, text, bytes), cut, "{bytes}");
        assert!(ranges.iter().all(|range| text[range.clone()].chars().any(is_seen)));
        let kept: String = ranges.into_iter().map(|range| &text[range]).collect();
        assert_eq!(kept, expected);
    }
}

#[test]
fn a_signature_above_a_quoted_mail_is_left_out() {
    for quoted in ["Op 3 mrt 2026 om 10:00 schreef Jan:\n> Komt u morgen?\n", "> Komt u morgen?\n"]
    {
        let text = format!("Dat is goed.\n\n-- \nAnneke\nDorpsstraat 12\n\n{quoted}");
        assert_eq!(kept(&text), "Dat is goed.\n");
    }
}

#[test]
fn of_a_text_of_nothing_but_dashes_only_the_last_lines_are_a_signature() {
    // Its length: were all lines below each looked at, it would take minutes.
    let text = "--\n".repeat(87_000);
    assert_eq!(kept(&text).len(), text.len() - 9 * 3);
    let text = "a schreef:\n\n".repeat(87_000);
    assert_eq!(kept(&text).len(), text.len() - 87_000);
    assert_eq!(kept(&format!("a{}b", "\n".repeat(260_000))), "a\nb");
}

#[test]
fn a_text_of_characters_that_do_not_show_is_none() {
    for text in [
        "",
        " \n\t",
        "\u{200B}\u{FEFF}\u{200D}",
        "\u{1}\u{2}\n\u{202E}",
        "\u{FE0F} \u{FE0F}",
        "\u{3164}\u{2800}\u{180E}",
        "\u{E0067}\u{E007F}",
    ] {
        assert!(own_words(text).is_empty(), "{text:?}");
    }
    assert_eq!(own_words("👨\u{200D}👩").len(), 1);
}

#[test]
fn a_plain_text_is_kept_whole() {
    for text in [
        "",
        "Waar blijft mijn pakket?",
        "a\nb\nc",
        "Van: Utrecht\nNaar mijn moeder",
        "groetjes",
        "Op 12 maart heeft u mij het volgende beloofd:\nde monteur komt dinsdag.",
        "Op 3 maart schreef u:\ner komt niemand.",
        "On 3 March you wrote:\nnobody comes.",
        "Uw collega schreef op 3 maart om 10:00:\ner komt iemand.",
        "Op 3 maart om 10:00 belde ik.\nIk schreef u daarna aan info@acme.nl:\ngeen antwoord.",
        "Anna Visser\n\nAan: Acme B.V.\nDatum: 5 januari 2026\nBetreft: klacht\n\nIk wacht nog.",
        "To: Acme\nFrom: Anna Visser\nDate: 5 January 2026\n\nI am still waiting.",
        "From: Anna anna@example.com\nSubject: Parcel\n\nMessage Body:\nWhere is it?",
        "Reis\nDatum: 5-1-2026 09:12\nVan: Utrecht\nNaar: Assen\n\nDe trein viel uit.",
        "Dit bericht is uitsluitend bestemd voor de directie. Ik wacht nog.",
        "Dit bericht is vertrouwelijk, deel het niet.",
        "Let op: deze e-mail gaat over twee bestellingen.",
        "Let op: dit bericht is verstuurd namens mijn moeder, er is niemand gekomen.",
        "De informatie in deze e-mail klopt niet. Ik wacht al zes weken.",
        "Deze e-mail met bijlagen stuur ik nu voor de derde keer.",
        "The information in this email is wrong, nobody came.",
        "Disclaimer: ik ben geen jurist, maar er is niemand gekomen.",
        "Op 12 maart om 14:30 schreef u mij:\nde monteur komt dinsdag.\nEr is niemand gekomen.",
        "On 3 March at 10:00 you wrote:\nwe will call. Nobody called me.",
        "Van: de winkel\nVerzonden: 3 januari\nOntvangen: nooit.",
        "Sincerely disappointed.\nOrder 123 is still missing.\nPlease refund me.",
        "Sincerely, I am disappointed\nOrder 123",
        "Groeten aan de monteur\nHij is nog steeds niet geweest",
        "Hallo,\n\nGroeten aan de monteur\nHij is nog steeds niet geweest",
        "Hallo\n\nGroeten aan de monteur\nHij is nog steeds niet geweest",
        "Goedemorgen!\n--\nOrder 123 is nog niet geleverd.",
        "Beste Acme\n--\nIk wacht nog steeds",
        "Groetjes!\nde monteur is nog steeds niet geweest",
        "MFG defect on unit 3\nPlease call me.",
        "Groetenwinkel dicht\nAl drie dagen",
        "Ik sta voor de deur.\nGroetenwinkel dicht\nAl drie dagen",
        "--\nIk ben klant 123 en wacht op mijn geld",
        "Beste,\n--\nOrder 123 is nog niet geleverd.",
        "Jan de Boer\nAcme B.V.\n--\nIk wacht nog steeds.",
        "Dank.\nGroetjes Anja\n\nOh ja, de vorige bestelling is ook nooit aangekomen.",
        "Ik wacht.\nMvg, Jan\n\nBen echt klaar met jullie.",
        "Still waiting.\nRegards, Tom\n\nI will never order from you again.",
        "Ich warte.\nMit freundlichen Grüßen\nPetra\n\nIch kündige.",
        "J'attends.\nCordialement,\nMarie\n\nJe vais résilier.",
        "Pakje weg.\nGroet, Jan\n\nUpdate: het is nog altijd niet geleverd.\nGraag actie.",
        "Le 3 mars à 10:02, votre collègue m'a écrit :\nle technicien viendra. Personne.",
        "On 3 March at 10:02 your colleague wrote to me:\nit was sent.",
        "Am 3. März um 10:02 schrieb mir Ihr Kollege:\ner kommt morgen.",
        "De informatie in deze e-mail klopt niet, u heeft ten onrechte twee keer geld afgeschreven.",
        "De inhoud van deze e-mail heb ik al drie keer verteld, u geeft mij ten onrechte de schuld.",
        "The contents of this email are my third complaint. You billed me in error.",
        "Aan deze e-mail heb ik de foto's toegevoegd.\nDe ontvanger was niet thuis.",
        "Mocht dit bericht niet voor u bestemd zijn, stuur het dan door: ik wacht al zes weken.",
        "Mocht deze mail niet voor u bestemd zijn, verzoek ik u hem door te sturen.",
        "Deze e-mail komt van een extern adres, sorry.",
        "Opgelet: dit bericht komt van buiten de organisatie. Beste, ik wacht al zes weken!",
        "Deze mail met bijlagen heb ik al drie keer gestuurd, de ontvanger reageert nooit.",
        "Deze mail met bijlage gaat over de milieustraat.",
        "Bent u niet de geadresseerde afdeling, stuur mijn klacht dan door.",
        "Bent u niet de geadresseerde, stuur mijn klacht dan door naar de wethouder.\nDe straat staat blank.",
        "Mocht deze mail niet voor u bestemd zijn, dan verzoeken wij u deze door te sturen.\nWij wachten al weken.",
        "De inhoud van deze mail graag vertrouwelijk behandelen.\nIk heb last van mijn buren.",
        "Deze mail en bijlagen gelieve vertrouwelijk te behandelen.\nIk zoek een andere woning.",
        "Als u deze mail per ongeluk ontvangt, excuses! Ik weet niet wie hierover gaat.\nIk wacht al weken.",
        "Als u dit bericht per ongeluk over het hoofd ziet: ik wacht al drie weken.",
        "Cet e-mail peut contenir des fautes. Vous m'avez débité par erreur deux fois.",
        "If you have received this message, please reply. It went to the wrong recipient.",
        "Diese Nachricht ist vertraulich: Ihr Fahrer hat mich beleidigt.",
        "Sent via email on 3 March",
        "Verzonden via e-mail op 3-3-2026",
        "Verzonden met UPS mobiel",
        "Sent via Outlook on Monday the 3rd",
        "Zie mijn antwoord boven deze lijn.\nDe koelkast is nog steeds kapot.",
        "Reply above this line does not work on my phone.\nMy order is lost.",
        "Kleid Artikel 4411:\nGr. 42 zu klein\nBitte Gr. 44 schicken",
        "Mijn dak lekt al weken\nBest wishes for your recovery\nNobody came today",
        "Groetjes!\nGraag bel ons terug",
        "Op 3 maart om 10:30 schreef Jan van de planning:\nu hoort het morgen.\nNiets gehoord.",
        "I want a refund.\n\nFrom: Leeds\nTo: York\nDate: 3 May 10:30\n\nIt was cancelled.",
        "Ik stuurde een mail naar Acme <a@b.nl> en die schreef:\nwij komen morgen.",
        "Verzonden via mail op 3 maart en niks gehoord",
        "Sent from Leeds by Acme, it never came to my mail",
        "Get my phone back",
        "This email is intended for your manager.",
        "De inhoud van deze e-mail is bestemd voor uw directie: er is niemand gekomen.",
        "De informatie in deze e-mail klopt niet, zie https://example.com/x.",
        "If you received this complaint twice, sorry.",
        "Als u dit bericht ontvangt, bel mij dan meteen.",
        "Ce message est destiné à votre directeur : personne ne répond.",
        "Niet schrijven boven deze regel\nIk wacht nog.",
        "Via het formulier:\nVan: a@b.nl\nAan: c@d.nl\nOnderwerp: klacht\n\nBericht:\nIk wacht.",
        "Formulier\nVan: a@b.nl\nAan: c@d.nl\nOnderwerp: klacht\nTelefoon: 06-1\nBericht: Ik wacht.",
        "New request\nFrom: Ann <a@b.uk>\nTo: Acme\nSubject: boiler\nMessage: it is cold here.",
        "Formele klacht\n\nVan: Anna Visser\nAan: Acme B.V.\nOnderwerp: lekkage\n\nIk wacht nog.",
        "On 3 March 2026 at 10:12 your man Pete (pete@b.uk)\nreplied, and then\nwrote:\nNobody came.",
        "Mijn adres\nVan: Kade 3\nnaar a@b.nl,\nVerzonden: niets.",
        "Ik heb het pakket verstuurd.\n\nVan: Utrecht\n\nAan: Amsterdam\n\nVerzonden: 3 maart\n\nHet kwam nooit aan.",
        "Nieuw verzoek\n\nVan: a@b.nl\n\nAan: c@d.nl\n\nOnderwerp: klacht\n\nTelefoon: 06\n\nKlantnummer: 1\n\nAdres: Kade 3\n\nPostcode: 1\n\nBericht: Ik wacht.",
        "Uw hulp graag.\nOp 3 maart om 10:12 schreef Piet <p@acme.nl>\ndat hij zou komen.\nWat er gebeurde:\nhij kwam niet.",
        "Mijn punten:\n-- I sent a reply message on Monday\n-- nobody answered",
    ] {
        assert_eq!(kept(text), text.replace("\n\n", "\n"));
    }
}

#[test]
fn quotes_are_left_out_in_four_languages() {
    for head in [
        "> Geachte heer,",
        "Op ma 3 mrt 2025 om 10:02 schreef Klantenservice <a@b.nl>:\nBeste klant",
        "Op 3 mrt. 2025 om 10:02 heeft Service het volgende geschreven:\nBeste klant",
        "On Mon, 3 Mar 2025 at 10:02, Support wrote:\nDear customer",
        "Am 3. März 2025 um 10:02 schrieb Service:\nGuten Tag",
        "Le 3 mars 2025 à 10:02, Service a écrit :\nBonjour",
        "-----Oorspronkelijk bericht-----\nBeste klant",
        "Van: Service\nVerzonden: maandag 10:02\nBeste klant",
        "Van: Service\nVerzonden: maandag\nAan: Anna\nBeste klant",
        "Van: Service Verzonden: maandag Aan: Anna Onderwerp: uw vraag\nBeste klant",
        "Van: Service <a@b.nl>\nDatum: maandag 5 januari 2026 om 09:12\nAan: Anna\nBeste klant",
        "Gesendet: Montag\nVon: Service\nAn: Anna\nGuten Tag",
        "Begin doorgestuurd bericht:\n\nBeste klant",
        "##- Typ uw antwoord boven deze regel -##\nBeste klant",
        "Op di 6 jan 2026 om 10:00 schreef Service <\na@b.nl>:\n\nBeste klant",
        "On Tue, Jan 6, 2026 at 10:00 AM Service <a@b.nl>\nwrote:\n\nDear customer",
        "Acme schreef op ma 05-01-2026 om 09:12 [+0100]:\n> Beste klant",
        "Service schrieb am 3. März:\n\n> Guten Tag",
        "Service <a@b.nl> schreef op 3 maart:\n\nBeste klant",
        "Op 3 mrt 2025 om 10:02 schreef Uw Bakker <me@b.nl>:\nBeste klant",
        "De\u{a0}: Service <a@b.fr>\nEnvoyé\u{a0}: lundi 10:02\nÀ\u{a0}: Anna\nVotre colis",
        "Van: Service\nVerzonden: 3 mei 10:02\nAan: Anna\nOnderwerp: x\n\nOmschrijving: afgewezen",
        "*De :* Service\n*Envoyé :* lundi\n*Objet :* colis\nVotre colis",
        "Début du message transféré\u{a0}:\n\nVotre colis",
        "Anfang der weitergeleiteten Nachricht:\n\nIhr Paket",
        "________________________________\nVan: Service\nVerzonden: maandag\nAan: Anna\nBeste klant",
        "--------------- Originele Bericht ---------------\nBeste klant",
        "---- On Mon, 03 Mar 2025 10:02 Acme <a@b.nl> wrote ----\nBeste klant",
        "*** Oorspronkelijk bericht ***\nBeste klant",
        "--- Reply above this line ---\nYour ticket was closed.",
        "Reply above this line.\nYour ticket was closed.",
        "## In replies all text above this line is added to the ticket ##\nYour ticket was closed.",
        "=== Gelieve boven deze lijn te antwoorden ===\nUw ticket werd gesloten.",
        "##- Veuillez saisir votre réponse au-dessus de cette ligne -##\nVotre demande",
        "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein. -##\nIhre Anfrage",
        "Op di 3 mrt 2026 om 10:12 schreef Gemeente Acme Afdeling\nZaken <\na@b.nl>:\n\nBeste klant",
        "On Tue, Mar 3, 2026 at 10:12 AM Acme for Europe\nand Asia <a@b.uk>\nwrote:\n\n> Dear Ann",
        "2016-03-03 10:12 GMT+01:00 Service <a@b.nl>:\n\nBeste klant",
        "Van: Service <a@b.nl>\n\nVerzonden: 3 mei 10:02\n\nAan: Anna\n\nOnderwerp: x\n\nBeste Anna",
        "Van: Dienst Publiekszaken\n<a@b.nl>\nVerzonden: 3 mei 10:02\nAan: Anna\n\nBeste Anna",
        "From: Acme <a@b.uk>\nTo: Ann <c@d.uk>, Bob\n<e@f.uk>\nSent: 3 May 10:02\n\nDear Ann",
        "Van: A <a@b.nl>\nAntwoord aan: A <a@b.nl>\nDatum: 3 mei 10:02\nAan: Anna\n\nBeste Anna",
        "Van: Service\n\nVerzonden: maandag 10:02",
        "----- Reply message -----\nVan: a@b.nl\nDatum: 3 mei\n\nBeste klant",
        "-----Oorspronkelijke e-mail-----\nBeste klant",
    ] {
        assert_eq!(kept(&format!("Dat klopt niet.\n{head}\n")), "Dat klopt niet.\n", "{head}");
    }
}

#[test]
fn a_mail_quoted_on_the_same_line_is_left_out() {
    for quoted in [
        "-----Oorspronkelijk bericht----- Van: Service Beste klant, het is opgelost.",
        "---------- Forwarded message --------- From: Acme Dear customer",
        "----- Message d’origine ----- De : Acme Votre colis",
        "Van: Service <a@b.nl> Verzonden: maandag 3 maart Aan: Anna Onderwerp: uw vraag Beste klant",
        "From: Acme Sent: Monday, March 3 10:02 To: Ann Cc: X Subject: your question Dear Ann",
        "Van: Acme <a@b.nl> Verzonden: 3 mei 10:02 Aan: Anna Onderwerp: RE: Melding: lekkage Beste mevrouw",
        "Van: Acme <a@b.nl> Verzonden: 3 mei 10:02 Aan: Anna Onderwerp: Uw melding Beste mevrouw. Meldingsnummer: 25",
        "De\u{a0}: Acme Envoyé\u{a0}: lundi 10:02 À\u{a0}: Anna Objet\u{a0}: colis Bonjour",
        "Op ma 3 mrt 2025 om 10:02 schreef Service <a@b.nl>: Beste klant, het is opgelost.",
        "Op 3 mrt. 2025 om 10:02 heeft Service <a@b.nl> het volgende geschreven: Beste klant",
        "On Mon, 3 Mar 2025 at 10:02, Support <a@b.uk> wrote: Dear customer",
        "Am 03.03.2025 um 10:02 schrieb Service <a@b.de>: Guten Tag",
        "Le lun. 3 mars 2025 à 10:02, Service <a@b.fr> a écrit\u{a0}: Bonjour",
    ] {
        let own = "Op maandag kwam er niemand. Van wie hoor ik nu iets? ";
        assert_eq!(kept(&format!("{own}{quoted}")), own, "{quoted}");
    }
    for text in [
        "Het pakket. Van: Utrecht Verzonden: 3 maart Aan: mij Ontvangen: nooit.",
        "Colis perdu. De : Marie Envoyé : le 3 mars À : Paul Objet : livre. Toujours rien.",
        "Formulier Van: Anna <a@b.nl> Verzonden: 3 mei Aan: Acme Onderwerp: x Bericht: ik wacht.",
        "Formulier. Van: Jan <a@b.nl> Verzonden: 3 mei Aan: Acme Onderwerp: x Uw klacht: ik wacht.",
        "Op 3 maart om 10:30 schreef Jan <a@b.nl>: ik kom morgen. Niet dus.",
        "Ik mailde op 3 maart 2025 om 10:30 naar Jan <a@b.nl>: geen antwoord.",
        "The subject was --- original message lost --- and nobody looked.",
        "On Mon, 3 Mar 2025 at 10:02, Ann <a@b.uk> wrote: > Did he come? No, nobody came.",
        "> jullie komen om tien uur. Niemand gezien, de derde keer al.",
        "Mail: Van: Acme Verzonden: 3 mei 10:02 Aan: Anna Onderwerp: x. Nee!\nIk wil mijn geld.",
    ] {
        assert_eq!(kept(text), text);
    }
    assert_eq!(kept("> Uw afspraak is bevestigd voor dinsdag."), "");
    let text = "nee Van: Verzonden: Aan: ".repeat(50_000) + &"Op 3 a <b@c.nl>: ".repeat(50_000);
    assert_eq!(kept(&text).len(), text.len());
}

#[test]
fn words_between_quotes_are_kept() {
    assert_eq!(kept("> uw vraag\nNee.\n> uw adres\nKade 3\n"), "Nee.\nKade 3\n");
    let long = "Wij hebben u op dinsdag 3 maart een monteur gestuurd zoals afgesproken.";
    assert_eq!(kept(&format!("> {long}\nNee.\n> Klopt dat?\nJa.")), "Nee.\nJa.");
    let head = "Op 5-1-2026 om 09:12 schreef Acme <a@b.nl>:\n";
    assert_eq!(kept(&format!("{head}> Wij zoeken het uit.\n\nLaat maar.")), "Laat maar.");
    assert_eq!(kept(&format!("{head}\n> uw vraag\nNee.\n> uw adres\nKade 3")), "Nee.\nKade 3");
    for divider in
        ["---------- Forwarded message ---------", "> On 3 Mar 2025 at 10:02, A <a@b.c> wrote: x"]
    {
        assert_eq!(kept(&format!("{head}\n> Wij komen.\n> {divider}\n\nNiet dus.")), "Niet dus.");
    }
}

#[test]
fn the_rest_of_a_wrapped_quote_is_quoted() {
    let text =
        format!("Prima.\n> {}\nzoeken het uit.\n> Groet\n", "Wij komen morgen en ".repeat(4));
    assert_eq!(kept(&text), "Prima.\n");
}

#[test]
fn what_a_server_puts_above_and_below_is_left_out() {
    for banner in [
        "You don't often get email from a@b.nl. Learn why this is important<https://example.com>",
        "U ontvangt niet vaak e-mail van a@b.nl. Meer informatie over waarom dit belangrijk is",
        "CAUTION: This email originated from outside of the organization. Do not click links.",
        "[EXTERN] Let op: deze e-mail is afkomstig van buiten de organisatie.",
        "[You don't often get email from a@b.nl. Learn why this is important at https://example.com]",
        "Some people who received this message don't often get email from a@b.nl.",
        "OPGELET: Dit bericht komt van buiten de organisatie.",
        "Deze e-mail is afkomstig van buiten onze organisatie. Klik niet op links.",
        "This email originated from outside of the organization.",
    ] {
        assert_eq!(kept(&format!("{banner}\n\nPrima.\n")), "Prima.\n", "{banner}");
    }
    for notice in [
        "Aan dit bericht kunnen geen rechten worden ontleend.",
        "Dit bericht kan informatie bevatten die niet voor u is bestemd.",
        "De informatie verzonden met dit e-mailbericht is uitsluitend bestemd voor u.",
        "Dit bericht (inclusief bijlagen) is vertrouwelijk.",
        "Dit e-mailbericht is uitsluitend bestemd voor de geadresseerde.",
        "Deze e-mail en eventuele bijlagen zijn vertrouwelijk.",
        "This communication is intended only for the addressee.",
        "This message is confidential.",
        "The information contained in this e-mail is confidential.",
        "CONFIDENTIALITY NOTICE: this is for the recipient.",
        "Denk aan het milieu voordat u deze e-mail print.",
        "P Please consider the environment before printing this e-mail.",
        "De inhoud van deze e-mail is vertrouwelijk.",
        "Indien dit bericht niet voor u bestemd is, verzoeken wij u dit te melden.",
        "De informatie verzonden in dit e-mailbericht is vertrouwelijk.",
        "De informatie, verzonden met dit bericht, is uitsluitend bestemd voor u.",
        "De in dit bericht opgenomen informatie is vertrouwelijk.",
        "Deze e-mail, inclusief eventuele bijlagen, is vertrouwelijk.",
        "Deze mail is uitsluitend bestemd voor de geadresseerde.",
        "Wanneer u dit bericht ten onrechte ontvangt, vernietig het dan.",
        "Bent u niet de geadresseerde? Meld dit dan aan de afzender.",
        "Deze e-mail is bedoeld voor de geadresseerde.",
        "Als u dit bericht ten onrechte ontvangt, meldt u dit dan aan de afzender.",
        "Indien u niet de beoogde ontvanger bent, wordt u verzocht dit te melden.",
        "Disclaimer: www.example.be/disclaimer",
        "This email and any files transmitted with it are confidential.",
        "This email, including attachments, is confidential.",
        "IMPORTANT: The contents of this email are confidential.",
        "The content of this email is intended for the recipient specified.",
        "If you are not the intended recipient, please notify the sender.",
        "If you have received this email in error, please delete it.",
        "Diese E-Mail und alle Anhänge sind vertraulich.",
        "Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender.",
        "Ce message et ses annexes sont confidentiels.",
        "Si vous avez reçu ce message par erreur, merci de le détruire.",
    ] {
        assert_eq!(kept(&format!("Prima.\n\n{notice}\nVerwijder het.\n")), "Prima.\n", "{notice}");
    }
    for device in [
        "Download Outlook voor iOS<https://example.com/x>",
        "Verzonden vanuit Outlook voor Android",
        "Verstuurd vanuit Gmail op mijn telefoon",
        "Verzonden met Proton Mail voor Android",
        "Verzonden vanuit Mail voor Windows 10",
        "Sent from Yahoo Mail on Android",
        "Sent with Proton Mail secure email.",
        "Gesendet von Outlook für Android",
        "Von meinem Samsung Galaxy Smartphone gesendet.",
        "Envoyé à partir de Outlook pour Android",
        "Envoyé depuis mon appareil Galaxy",
        "______________________________",
    ] {
        assert_eq!(kept(&format!("Prima.\n\n{device}")), "Prima.\n", "{device}");
    }
}

#[test]
fn a_signature_is_left_out_and_a_postscript_is_not() {
    assert_eq!(
        kept("Ik wacht nog.\nMet vriendelijke groet,\nA. Jansen\n06-12345678\n"),
        "Ik wacht nog.\n"
    );
    assert_eq!(kept("Ik wacht nog.\n-- \nA. Jansen"), "Ik wacht nog.\n");
    for closing in [
        "Vr. gr.",
        "Mit freundlichen Grüßen",
        "Liebe Grüsse aus Basel,",
        "Bien cordialement,",
        "Meilleures salutations",
    ] {
        let text = format!("Ik wacht nog.\n{closing}\nA. Jansen");
        assert_eq!(kept(&text), "Ik wacht nog.\n", "{closing}");
    }
    for cry in
        ["Waar blijft mijn pakket!\n", "Hoi, waar blijft mijn pakket\n", "Hallo waar blijft het?\n"]
    {
        assert_eq!(kept(&format!("{cry}Groetjes Anja\n06-12345678")), cry);
    }
    let two_lines = "Graag de factuur opnieuw sturen, alvast bedankt,\n";
    assert_eq!(kept(&format!("{two_lines}\nMvg Jan de Boer\n06-12345678")), two_lines);
    for job in ["Psycholoog", "Psychiater bij Acme", "PSV-fan", "PS2000 B.V."] {
        assert_eq!(kept(&format!("Dank.\nMvg,\nAnja\n{job}")), "Dank.\n", "{job}");
    }
    for mark in ["PS", "PS:", "Ps.", "P.S.", "p.s. en"] {
        let text = format!("Dank.\nMvg,\nAnja\n{mark} Ik wacht nog.");
        assert_eq!(kept(&text), text, "{mark}");
    }
    for closing in [
        "Groetjes Anja",
        "Groetekes",
        "Vr. groeten",
        "mvg jan",
        "Met vriendelijke groeten van Anja",
        "Met vriendelijke groeten – Meilleures salutations – Kind regards",
        "Warme groet,",
        "Vriendelijk groetend,",
        "Grtz Anja",
        "Best wishes,",
        "Mit besten Grüßen",
        "Salutations distinguées",
        "Met vriendelijke groeten,\nBien à vous,\n\nKind regards,",
    ] {
        assert_eq!(kept(&format!("Dank.\n{closing}\nUtrecht")), "Dank.\n", "{closing}");
    }
    let with_question = "Dank.\nGroet, Anja\nWanneer hoor ik iets?";
    assert_eq!(kept(with_question), with_question);
    let long =
        format!("Groet vooraf\nDag.\nGroet,\n{}", "Dit is nog een hele zin van mij. ".repeat(3));
    assert_eq!(kept(&long), long);
}

#[test]
fn a_signature_alone_a_disclaimer_and_a_device_are_nobodys_words() {
    for text in [
        "Met vriendelijke groet,\nA. Jansen\n06-12345678",
        "Vriendelijke groeten,\n\nAnneke de Vries\nSenior adviseur klantenservice\nAcme B.V.\nwww.acme.nl",
        "Groet, Anja\n06-12345678",
        "Groet, Jan van den Berg\n06-12345678",
        "Met vriendelijke groet / Kind regards,\nJan Jansen",
        "Met vriendelijke groet, | With kind regards,\nJan Jansen\nAanwezig op ma, di en do",
        "Vr. groet\nP. van der Berg",
        "Kind regards,\nTom Baker\nHead of Customer Care | Acme Ltd.\n+44 20 7946 0000",
        "Yours sincerely\nMrs A. Smith\n12 High Street",
        "Hoogachtend,\nmr. I. Jansen\nhoofd I&A",
        "Groet, Anja\nme@my-shop.nl\nwww.ik-ben.nl/is",
        "Mit freundlichen Grüßen\ni. A. Petra Müller\nMüller & Söhne GmbH\nTel. 030 1234567",
        "MfG\nJan Schmidt",
        "Cordialement,\nMarie Petit\nResponsable du service clients",
        "-- \nA. Jansen\nDorpsstraat 12\n1234 AB Utrecht",
        "Disclaimer: dit bericht is vertrouwelijk.",
        "Sent from my iPhone",
        "This e-mail and any attachments are confidential.\nPlease delete it.",
    ] {
        assert_eq!(kept(text), "", "{text}");
    }
    assert_eq!(kept("Ik wacht nog.\n\nVerzonden vanaf mijn iPhone"), "Ik wacht nog.\n");
    let about = "Sent from my old address by mistake, could you use the new one from now on?";
    assert_eq!(kept(about), about);
}

#[test]
fn a_signature_of_a_business_is_left_out() {
    for signature in [
        "Met vriendelijke groet,\n\nJan de Vries\nDe Vries B.V.\nE jan@devries.nl<mailto:jan@devries.nl> W www.devries.nl<http://www.devries.nl>\n\
         [cid:image001.png@01DA5F00.12345678]",
        "Mvg,\nJan\nDe Vries B.V.\nT 010 - 123 45 67 | M 06 - 123 456 78 | E jan@devries.nl | W www.devries.nl | KvK 12345678",
        "Kind regards,\nTom Baker\nHead of Facilities\nBaker Ltd\nUnit 4\nMill Lane\nLeeds\nLS1 4AB\n+44 113 496 0000\ntom@baker.example",
        "*Met vriendelijke groet,*\nJan",
        "Met vr. groet\nJan",
        "Herzliche Grüße\nPetra",
    ] {
        assert_eq!(
            kept(&format!("Ik wacht nog.\n\n{signature}")),
            "Ik wacht nog.\n",
            "{signature}"
        );
    }
    for thanks in ["Alvast bedankt,", "Many thanks,", "Bedankt", "Danke!"] {
        let text = format!("Ik wacht nog.\n{thanks}\n");
        let signature = "Jan van den Berg\nKade 3\n06-12345678";
        assert_eq!(kept(&format!("{text}\n{signature}")), text);
    }
    for text in [
        "Ik wacht nog.\nAlvast bedankt,\nGraag vrijdag",
        "Bedankt!\nNiet dus",
        "BEDANKT\nWAARDELOZE SERVICE",
        "Dank u\nAnna Visser\n0612345678\nVaatwasser kapot geleverd",
        "Bedankt!\nWaardeloos",
        "Alvast bedankt,\nOrder 12345\nKleur blauw ipv zwart",
        "Alvast bedankt,\nNiet Geleverd\nWaardeloos",
        "Ik wacht nog.\nBedankt,\nJan\nBellen kan ook, maar dan krijg ik nooit iemand.",
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_is_said_below_a_closing_is_kept() {
    for said in [
        "Jullie hebben echt een waardeloze klantenservice",
        "NB: al de vierde keer",
        "Update: vandaag weer gebeld",
        "Echt belachelijk dit!",
        "[Dat is nu al de derde keer]",
        "Stuur de creditnota naar lies@x.be en stop met bellen naar de buren over hun factuur alstublieft",
        "06-12345678\njan@x.nl\nBank links kapot\nBank rechts kapot\nStoel ontbreekt\nTafel krassen\nLamp ontbreekt\nKast stuk\nDeur stuk",
        "12-03-2026 10:00 gebeld, zou iemand terugbellen, weer heel de dag gewacht",
        "En nooit meer",
    ] {
        let text = format!("Ik wacht.\nMvg Jan\n{said}");
        assert_eq!(kept(&text), text);
    }
}

#[test]
fn answers_between_quotes_below_a_signature_are_kept() {
    let quotes = "Op ma 3 mrt 2025 om 10:02 schreef Acme <a@b.nl>:\n> Heeft u gebeld?\nJa, twee uur.\n> Wie sprak u?\nNiemand";
    for closing in ["Mvg,\nJan", "-- \nJan\nKade 3"] {
        let text = format!("Zie hieronder.\n{closing}\n\n{quotes}");
        assert_eq!(kept(&text), "Zie hieronder.\nJa, twee uur.\nNiemand", "{closing}");
    }
}

#[test]
fn of_a_mail_without_a_word_above_it_the_head_is_left_out() {
    for head in [
        "Van: Jan <jan@klant.nl>\nVerzonden: maandag 6 oktober 2025 10:02\nAan: Acme\nOnderwerp: afval\n\n",
        "-----Oorspronkelijk bericht-----\nVan: Jan\nVerzonden: maandag 10:02\nAan: Acme\n\n",
        "Begin doorgestuurd bericht:\n\nVan: Jan\nVerzonden: maandag 10:02\n",
        "Begin doorgestuurd bericht:\n\nVan: Jan <a@b.nl>\nOnderwerp: afval\nDatum: 3 mei 10:02\nAan: Acme\n\n",
        "Op 6 oktober 2025 om 10:02 schreef Bart <bart@acme.nl>:\n\n",
    ] {
        assert_eq!(kept(&format!("{head}Niemand komt.")), "Niemand komt.", "{head}");
        let quoted = format!("{head}Niemand komt.\n\n{head}Beste klant");
        assert_eq!(kept(&quoted), "Niemand komt.\n", "{head}");
        assert_eq!(kept(&format!("Zie onder.\n{head}Niemand komt.")), "Zie onder.\n", "{head}");
    }
    for empty in [
        "Verzonden vanaf mijn iPhone\n\nOp 3 mrt 2026 om 10:02 schreef Acme <a@b.nl>:\n\nBeste Anna,",
        "Van: Acme\nVerzonden: maandag 10:02\nAan: Anna\nOnderwerp: RE: klacht\n\nBeste Anna,",
        "Van: Acme\nVerzonden: maandag 10:02\nAan: Anna\nOnderwerp: [Extern] RE: x\n\nMelding: gesloten",
        "Van: Acme <service@acme.nl>\nVerzonden: maandag 10:02\nAan: Anna\nOnderwerp: klacht\n\nBeste Anna,",
    ] {
        assert_eq!(kept(empty), "", "{empty}");
    }
    let subject = "Onderwerp: klacht\n\nOp 3 mrt 2026 om 10:02 schreef Acme <a@b.nl>:\nBeste Anna,";
    assert_eq!(kept(subject), "Onderwerp: klacht\n");
    let dated = "Datum: 6 oktober 2025 10:02\nVan: Jan <a@b.nl>\nAan: Acme\nOnderwerp: afval\n\nNiemand komt.";
    assert!(kept(dated).ends_with("Niemand komt."));
    let marker = "##- Typ uw antwoord boven deze regel -##\nUw melding is gesloten.";
    assert_eq!(kept(marker), "");
}

#[test]
fn the_message_of_a_form_is_kept_whatever_its_label() {
    for label in [
        "Melding",
        "Uw melding",
        "Berichtinhoud",
        "Uw boodschap",
        "Vraag of opmerking",
        "Omschrijving melding",
        "Klachtomschrijving",
        "Bericht *",
        "Your enquiry or comments",
    ] {
        let form = format!(
            "Via de website\nVan: Jan <a@b.nl>\nAan: c@d.nl\nOnderwerp: afval\n{label}: Niemand komt."
        );
        assert_eq!(kept(&form), form);
        let sent = format!(
            "Verzonden: 06-10-2025 10:02\nVan: Jan\nE-mail: a@b.nl\n{label}: Niemand komt."
        );
        assert_eq!(kept(&sent), sent);
    }
    for below in
        ["Meldingnummer: 88123\nStatus: gesloten", "Betreft melding: lekkage", "Uw verzoek: 12345"]
    {
        let quoted =
            "Nee.\n\nVan: Acme <a@b.nl>\nDatum: maandag 10:02\nAan: Jan\nOnderwerp: lek\n\n";
        assert_eq!(kept(&format!("{quoted}{below}\n\nBeste Jan,")), "Nee.\n", "{below}");
    }
    let headers = "Fout.\n\nVan: Acme <a@b.nl>\nAan: Jan\nOnderwerp: fout\nMessage-ID: <1@b.nl>\n\nBeste klant";
    assert_eq!(kept(headers), "Fout.\n");
}
