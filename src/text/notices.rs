//! The legal notices that mail servers put under a message.

use std::sync::LazyLock;

use regex::Regex;

/// The notices of a language, in regular expressions for either case.
struct Notices {
    /// What they call the mail where it is what a sentence is about, for `{this}` below.
    this: &'static str,
    /// What they call it within a sentence, for `{mail}` below.
    mail: &'static str,
    /// How they begin.
    begins: &'static [&'static str],
    /// What they say for the law, in the first line or the one to which it was wrapped.
    says: &'static [&'static str],
}

/// What may stand before a notice. The P is a tree in a font of signs.
const LABELS: &[&str] = &[
    "important",
    "(?:important|legal|confidentiality)? ?notice",
    "privileged and confidential",
    "belangrijk",
    "disclaimer",
    "proclaimer",
    "p",
];

const ANY_LANGUAGE: Notices = Notices {
    this: "",
    mail: "",
    begins: &[r"disclaimer\b", r"proclaimer\b"],
    says: &["disclaimer:? (?:www|http)"],
};

const DUTCH: Notices = Notices {
    this: r"(?:dit|deze) (?:e-?mail\w*|mail|bericht|boodschap)",
    mail: r"(?:dit|deze) (?:e-?mail\w*|mail|bericht|boodschap)",
    begins: &[
        "vertrouwelijkheidsclausule",
        "denk aan het milieu voor",
        "de (?:informatie|inhoud),? (?:in|van|verzonden (?:met|in)|opgenomen in) {mail}",
        "de in {mail} (?:opgenomen|verstrekte) informatie",
        "(?:als|indien|wanneer|mocht) {mail} niet voor u (?:is |zijn )?(?:bestemd|bedoeld)[^.]{0,80}(?:vernietig|verwijder|verzoeken wij|verzocht|afzender)",
        "aan (?:de inhoud van )?{mail} kunnen geen rechten",
        r"(?:dit|deze) (?:e-?mail\w*|bericht|boodschap),? \(?(?:inclusief|met|en) (?:de |alle |eventuele |mee\w+ )*(?:bijlage|bestand)",
        "deze mail,? (?:inclusief|en) (?:de |alle |eventuele )*bijlage",
        r"{this} (?:is|zijn) (?:vertrouwelijk en )?(?:uitsluitend|alleen) (?:bestemd|bedoeld) (?:voor )?(?:degene|u\b)",
        "{this} (?:is|zijn) (?:vertrouwelijk en )?(?:uitsluitend|alleen) (?:bestemd|bedoeld) (?:voor )?(?:de |het )?(?:geadres|ontvang)",
        "{this} (?:is|zijn) (?:vertrouwelijk en )?(?:uitsluitend|alleen) (?:bestemd|bedoeld) (?:voor )?(?:de |het )?(?:gebruik|beoogde)",
        "{this} (?:is|zijn) (?:vertrouwelijk en )?(?:bestemd|bedoeld) voor de (?:geadres|beoogde)",
        "{this} kan vertrouwelijke",
        "{this} kan informatie bevatten die niet",
        "(?:als|indien) u niet de (?:geadres|beoogde|bedoelde)",
        r"bent u niet de (?:(?:beoogde|bedoelde) (?:ontvanger|geadres)|geadresseerde\s*[?,])",
        "(?:als|indien|wanneer) u {mail} (?:ten onrechte|abusievelijk|per ongeluk) (?:heeft )?ontv",
    ],
    says: &[
        "vertrouwelijk",
        "uitsluitend",
        "geadres",
        "beoogde",
        "ontvanger",
        "ontleend",
        "niet voor u",
        "voor u is",
        // An error is theirs only where something was received by it: customers are billed in error too.
        "(?:ten onrechte|abusievelijk|per ongeluk) (?:heeft )?ontv",
        r"milieu\b",
    ],
};

const ENGLISH: Notices = Notices {
    this: "this (?:e-?mail|message|communication|transmission)(?: message)?,?",
    mail: "this (?:e-?mail|message|communication)",
    begins: &[
        "confidentiality notice",
        "please consider the environment",
        "the (?:information|contents?) (?:contained |transmitted )?(?:in|by|of) {mail}",
        "the (?:information|contents?) (?:contained |transmitted )?is intended only",
        r"{this} \(?(?:and|including) (?:any |its |all )?(?:attach|files?\b)",
        "{this} (?:is|are|may be) confidential",
        "{this} (?:is|are|may be) (?:intended )?(?:only|solely) (?:intended )?for",
        "{this} is (?:intended )?(?:only |solely )?for the (?:addressee|use of the)",
        "{this} is (?:intended )?(?:only |solely )?for the (?:designated|intended) (?:recipient|addressee)",
        "{this} (?:may contain|contains) (?:confidential|privileged|information that is)",
        "if you are not the (?:intended|addressee|named)",
        "if you (?:have )?received? {mail} (?:in error|by mistake)",
    ],
    says: &[
        "confiden",
        "privileged",
        "addressee",
        "recipient",
        "intended",
        r"receive[ds]? this [\w-]+ (?:in error|by mistake)",
        "environment",
    ],
};

const GERMAN: Notices = Notices {
    this: "diese (?:e-?mail|nachricht)",
    mail: "dieser (?:e-?mail|nachricht)",
    begins: &[
        "{this} enthält ",
        "{this} kann ",
        "{this} und (?:alle|etwaige) anh",
        "{this} ist (?:vertraulich und|ausschließlich)",
        "(?:der inhalt|die information(?:en)? in) {mail}",
        "wenn sie nicht der (?:richtige|beabsichtigte|vorgesehene)",
    ],
    says: &["vertraulich", "adressat"],
};

const FRENCH: Notices = Notices {
    this: "ce(?:t e-?mail| (?:message|courriel|mail))(?: électronique)?",
    mail: "ce(?:t e-?mail| (?:message|courriel|mail))",
    begins: &[
        "{this} et (?:ses|les|toutes les|tous les) (?:éventuelles )?(?:pièces jointes|annexes|fichiers|documents)",
        "{this} peut contenir",
        "{this} est strictement confidentiel",
        "les informations contenues dans {mail}",
        "si vous n['’]êtes pas le destinataire",
        "si vous avez reçu {mail} par erreur",
    ],
    says: &["destinataire", "destinée?s? ", "reçu [^.]{0,30}par erreur"],
};

const NOTICES: [&Notices; 5] = [&ANY_LANGUAGE, &DUTCH, &ENGLISH, &GERMAN, &FRENCH];

/// Whether lines begin with the first one of a notice: it begins as one, and says there or on the next what the law asks for.
pub(crate) fn is_notice(lines: &[&str]) -> bool {
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
        let begins = NOTICES.iter().flat_map(|notices| {
            let Notices { this, mail, begins, .. } = notices;
            begins.iter().map(|begins| begins.replace("{this}", this).replace("{mail}", mail))
        });
        let begins = begins.collect::<Vec<_>>().join("|");
        let labels = LABELS.join("|");
        regex(&format!(r"^(?:(?:{labels})\b\W*)?(?:{begins})"))
    });
    static SAYS: LazyLock<Regex> = LazyLock::new(|| {
        let says: Vec<&str> = NOTICES.iter().flat_map(|notices| notices.says).copied().collect();
        regex(&says.join("|"))
    });
    // Who writes it asks for something, for themselves.
    static ASKS: LazyLock<Regex> =
        LazyLock::new(|| regex(r"\b(?:ik|mij|mijn|graag)\b|te behandelen|door te sturen"));
    static DESTROYS: LazyLock<Regex> = LazyLock::new(|| regex("vernietig|verwijder"));
    BEGINS.is_match(lines[0])
        && lines.iter().take(2).any(|line| SAYS.is_match(line))
        && (DESTROYS.is_match(lines[0]) || !ASKS.is_match(lines[0]))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(&format!("(?i){pattern}")).expect("a regular expression")
}
