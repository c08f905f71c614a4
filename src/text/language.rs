//! The language a text is read in, or that it is none of the model's.
//!
//! Two detectors are asked, because each alone is wrong too often on a line or two: `whatlang` (trigrams
//! and alphabets, 70 languages, says how sure it is) and `whichlang` (a linear model of 16 languages).

use whatlang::{Detector, Lang};
use whichlang::Lang as Lang16;

use crate::message::Message;

/// Bytes of a text that are looked at: enough for any language, whatever the length of the mail.
const MAX_BYTES: usize = 2000;
/// Letters below which no detector is believed that a text is in one of the model's languages.
const MIN_LETTERS_TO_NAME: usize = 25;
/// Letters below which a foreign script is a smiley.
const MIN_LETTERS_OF_SCRIPT: usize = 2;
/// Words below which a text of Latin letters may be a name, a product or an address.
const MIN_WORDS_TO_REFUSE: usize = 4;
/// Letters and confidence from which both detectors together are believed that the language is none of
/// the model's. The confidence is that of whatlang against the model's languages alone. Chosen on invented
/// service messages and public tweets (XLM-T): of Spanish ones 96 % are known and of Italian ones 90 %, and of
/// 11,000 written messages in the four languages none is refused.
const REFUSE_TOGETHER: [(usize, f64); 3] = [(15, 0.5), (20, 0.2), (40, 0.1)];
/// The same for whatlang alone, of a language that whichlang does not have.
const REFUSE_ALONE: (usize, f64) = (25, 0.95);

/// What is known of the language of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Language {
    /// One of the model's: the message's own tag, or a detected ISO 639-1 code.
    Known(String),
    /// Not clear; the model reads it.
    Unclear,
    /// None of the model's.
    Unsupported,
}

/// Decides the language of `text`: the message's own tag if it has one, else what the detectors find.
pub(crate) fn language(message: &Message, text: &str, supported: &[String]) -> Language {
    match stated(message) {
        Some((tag, primary)) if supported.is_empty() || supported.contains(&primary) => {
            Language::Known(tag.to_owned())
        }
        Some(_) => Language::Unsupported,
        None => detect(text, supported),
    }
}

/// The message's own tag, and the language that it names.
pub(crate) fn stated(message: &Message) -> Option<(&str, String)> {
    let tag = message.language.as_deref()?.trim();
    Some((tag, primary(tag)?))
}

/// The language of a tag, by ISO 639-1 if it is one of [`CODES`]; "Dutch" or nothing at all names none to go by.
fn primary(tag: &str) -> Option<String> {
    let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
    let code = match &*primary {
        "und" | "mul" | "zxx" => return None,
        // ISO 639-2 has two codes for most of these.
        "nld" | "dut" => "nl",
        "eng" => "en",
        "deu" | "ger" => "de",
        "fra" | "fre" => "fr",
        other => other,
    };
    let is_code = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase());
    is_code.then(|| code.to_owned())
}

/// The languages that models of this project may name: ISO 639-1 and what the detectors call them.
const CODES: [(&str, Lang, Lang16); 4] = [
    ("nl", Lang::Nld, Lang16::Nld),
    ("en", Lang::Eng, Lang16::Eng),
    ("de", Lang::Deu, Lang16::Deu),
    ("fr", Lang::Fra, Lang16::Fra),
];

fn detect(text: &str, supported: &[String]) -> Language {
    let known: Vec<_> =
        CODES.iter().filter(|(code, ..)| supported.iter().any(|s| s == code)).collect();
    // A language that the detectors are not asked for cannot be told from a foreign one.
    if supported.is_empty() || known.len() < supported.len() {
        return Language::Unclear;
    }
    let ours: Vec<Lang> = known.iter().map(|(_, lang, _)| *lang).collect();
    let mut words = words(&text[..text.floor_char_boundary(MAX_BYTES)]);
    let all = letters(&words);
    if all < MIN_LETTERS_OF_SCRIPT {
        return Language::Unclear;
    }
    if !is_our_script(&words.join(" "), &ours) {
        // A greeting in Arabic over a question in Dutch leaves enough to read.
        words.retain(|word| is_our_script(word, &ours));
        if letters(&words) < MIN_LETTERS_TO_NAME || letters(&words) * 3 < all {
            return Language::Unsupported;
        }
    }
    let (n_letters, text) = (letters(&words), words.join(" "));
    let Some(found) = whatlang::detect(&text) else { return Language::Unclear };
    if let Some((code, ..)) = known.iter().find(|(_, lang, _)| *lang == found.lang()) {
        return if n_letters < MIN_LETTERS_TO_NAME {
            Language::Unclear
        } else {
            Language::Known((*code).to_owned())
        };
    }
    // Much Dutch looks like Afrikaans, and the model reads that.
    if found.lang() == Lang::Afr || words.len() < MIN_WORDS_TO_REFUSE {
        return Language::Unclear;
    }
    // How much better than the model's own languages; which of its relatives it is does not matter.
    let against = Detector::with_allowlist([ours, vec![found.lang()]].concat()).detect(&text);
    let sure = against.filter(|a| a.lang() == found.lang()).map_or(0.0, |a| a.confidence());
    let reaches = |(least, bound): (usize, f64)| n_letters >= least && sure >= bound;
    let other = whichlang::detect_language(&text);
    let refused = if known.iter().any(|(.., lang)| *lang == other) {
        !whichlang_has(found.lang()) && reaches(REFUSE_ALONE)
    } else {
        REFUSE_TOGETHER.into_iter().any(reaches)
    };
    if refused { Language::Unsupported } else { Language::Unclear }
}

/// Whether whichlang would know a language, or take it for a relative that it has.
fn whichlang_has(lang: Lang) -> bool {
    use Lang::*;
    matches!(
        lang,
        Ara | Cmn | Spa | Hin | Ita | Jpn | Kor | Por | Rus | Swe | Tur | Vie // has
            | Cat | Dan | Nob | Ukr | Bel | Bul // related
    )
}

fn is_our_script(text: &str, ours: &[Lang]) -> bool {
    whatlang::detect_script(text)
        .is_some_and(|script| script.langs().iter().any(|lang| ours.contains(lang)))
}

/// The words of a text that are in a language: no address, mention, tag or number.
fn words(text: &str) -> Vec<&str> {
    let in_no_language =
        |c: char| c.is_ascii_digit() || matches!(c, '@' | '#' | '/' | '\\' | '_' | '=');
    text.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphabetic))
        .filter(|word| !word.contains(in_no_language) && !word.starts_with("www."))
        .collect()
}

fn letters(words: &[&str]) -> usize {
    words.iter().flat_map(|word| word.chars()).filter(|c| c.is_alphabetic()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Language {
        language(&Message::customer(text), text, &["nl", "en", "de", "fr"].map(String::from))
    }

    #[test]
    fn languages_that_the_model_does_not_know_are_refused() {
        for text in [
            "Merhaba, faturamda anlamadığım bir tutar var, bana açıklayabilir misiniz?",
            "İnternet üç gündür kesik ve kimse telefona cevap vermiyor.",
            "Kargom hala gelmedi, iade istiyorum",
            "Kredi kartım çalındı lütfen hemen kapatın",
            "Randevumu cuma gününe almak istiyorum mümkün mü",
            "tesekkur ederim cok yardimci oldunuz",
            "Neden her ay farkli fiyat ödüyorum?",
            "Uygulamaya giriş yapamıyorum, şifre yenileme maili gelmiyor.",
            "Bu ne biçim hizmet, iki saattir bekliyorum",
            "Aboneliğimi iptal etmek istiyorum. Müşteri numaram 44120.",
            "Yanlış ürün göndermişsiniz, değişim nasıl oluyor?",
            "Doktorun sekreteri bana geri dönmedi, sonuçlarımı ne zaman öğrenebilirim?",
            "Adresimiz değişti, yeni adresimiz Lindestraat 14, Deventer. Kayıtlarınızı günceller misiniz?",
            "musteri hizmetlerine ulasamiyorum, kac gundur ariyorum",
            "Dzień dobry, nie mogę zalogować się do aplikacji od wczoraj.",
            "Gdzie jest moja paczka? Miała być we wtorek.",
            "Chcę odstąpić od umowy, proszę o potwierdzenie.",
            "dziekuje bardzo za pomoc",
            "Od trzech tygodni czekam na zwrot pieniędzy i nikt nie odpisuje",
            "Proszę o zmianę terminu wizyty na piątek rano.",
            "Rachunek za prąd jest dwa razy wyższy niż zwykle, dlaczego?",
            "ogrzewanie nie dziala, prosze przyslac kogos",
            "Czy mogę dostać fakturę na firmę? NIP podaję w załączniku.",
            "Zgubiłem kartę, proszę ją zablokować",
            "To już czwarty telefon w tej sprawie. Nikt nic nie wie.",
            "Przeprowadziliśmy się, nowy adres to Kerkstraat 5 w Tilburgu",
            "Pani w okienku była bardzo miła, polecam.",
            "Hola, todavía no he recibido mi pedido y ya han pasado dos semanas.",
            "Quiero cancelar mi contrato, ¿cómo lo hago?",
            "La factura está mal, me han cobrado dos veces.",
            "no funciona la aplicacion, no puedo entrar en mi cuenta",
            "Muchas gracias por su ayuda, todo solucionado",
            "Llevo una hora esperando al teléfono y nadie contesta.",
            "Necesito cambiar la cita del médico para el lunes por la tarde.",
            "Es la tercera vez que llamo por lo mismo y siempre me dicen algo distinto",
            "Buenos días, ¿me pueden enviar una copia del recibo de marzo?",
            "El técnico no vino y perdí la mañana entera",
            "Buongiorno, non riesco ad accedere al mio conto, mi potete aiutare?",
            "Il pacco non è ancora arrivato, quando viene consegnato?",
            "Vorrei disdire l'abbonamento dal mese prossimo.",
            "la bolletta è sbagliata, ho pagato due volte",
            "Grazie mille per l'aiuto, siete stati gentilissimi",
            "Ho chiamato quattro volte e nessuno mi ha richiamato",
            "il riscaldamento non funziona da ieri",
            "Bom dia, ainda não recebi a minha encomenda.",
            "Quero cancelar o meu contrato, como faço?",
            "A fatura está errada, cobraram-me duas vezes.",
            "nao consigo entrar na aplicacao",
            "Obrigado pela ajuda, ficou tudo resolvido",
            "Estou há uma hora à espera e ninguém atende o telefone.",
            "O técnico não apareceu e perdi o dia todo",
            "Bună ziua, nu am primit încă coletul comandat săptămâna trecută.",
            "Vreau să anulez abonamentul, cum procedez?",
            "factura este gresita, va rog sa verificati",
            "Mulțumesc frumos pentru ajutor",
            "Dobrý den, balík stále nedorazil, kde ho najdu?",
            "Chci zrušit smlouvu, jak mám postupovat?",
            "Jó napot, még mindig nem érkezett meg a csomagom.",
            "Szeretném lemondani az előfizetésemet, hogyan tehetem meg?",
            "Hej, mitt paket har inte kommit ännu, var är det?",
            "Jag vill säga upp mitt abonnemang, hur gör jag?",
            "Hej, jeg har stadig ikke modtaget min pakke, hvor er den?",
            "Hei, pakettini ei ole vieläkään saapunut, missä se on?",
            "Selamat pagi, paket saya belum sampai sampai sekarang.",
            "Saya ingin membatalkan langganan saya, bagaimana caranya?",
            "Fadlan ii sheeg goorta uu yimaado alaabtaydii, waan sugayay laba toddobaad.",
            "Dobar dan, paket još nije stigao, gdje se nalazi?",
            "Želim otkazati ugovor, kako to mogu učiniti?",
            "Xin chào, tôi vẫn chưa nhận được hàng, khi nào giao?",
            "Добрий день, я не можу увійти в застосунок, допоможіть будь ласка.",
            "Де моя посилка?",
            "Чекаю на відповідь уже три тижні",
            "Здравствуйте, мне дважды списали оплату за март.",
            "مرحبا، لم أستلم الطرد حتى الآن، متى يصل؟",
            "أريد إلغاء الاشتراك من فضلك",
            "اتصلت ثلاث مرات ولم يرد أحد",
            "ሰላም፣ ኣገናዕ ኣይበጽሓን",
            "سلام، بسته من هنوز نرسیده است",
            "你好，我的包裹还没有到，请问什么时候送达？",
            "Καλημέρα, δεν έχω λάβει ακόμα το πακέτο μου.",
        ] {
            assert_eq!(found(text), Language::Unsupported, "{text}");
        }
    }

    #[test]
    fn mixed_dialect_and_short_text_is_read() {
        for text in [
            "Abi ik wacht al een week op die monteur, hiç gelen yok",
            "Hallo, mijn pakket is niet aangekomen, kargo nerede acaba?",
            "Mijn moeder spreekt alleen Turks, kunt u haar bellen? Teşekkürler, iyi günler",
            "Wallah broer ik heb jullie drie keer gebeld, niemand neemt op, hshouma",
            "Goedemiddag, ik probeer in te loggen maar ik krijg steeds een foutmelding. Przepraszam, mój niderlandzki jest słaby.",
            "salam, kunnen jullie mij terugbellen over de rekening inshallah vandaag nog",
            "السلام عليكم ik heb een vraag over mijn afspraak van maandag",
            "Dobry den, ik heb een vraag over de huur van mei",
            "Hola, my order has not arrived yet, can you check please? Gracias",
            "the app says \"contraseña incorrecta\" all the time, what do I do?",
            "Ik kreeg deze sms: \"Twoja paczka czeka na odbiór\". Is die van jullie?",
            "De brief is in het Turks: \"Sayın müşterimiz, faturanız ödenmemiştir\". Waarom krijg ik die?",
            "wollah die service is echt tfoe",
            "Merhaba, ik ben Ayşe Yıldırım en ik wil mijn adres wijzigen",
            "fa waka, mi pakketje is no kon ete, waar blijft ie",
            "Bon dia, mi ta yama pa e factuur, ik heb nog niks ontvangen",
            "Met Łukasz Wiśniewski, ik wacht op de sleutel van de Świętokrzyska straat",
            "Okej merci amigo, bis morgen dann und danke für alles",
            "wifi router modem reset update failed error",
            "iPhone 14 Pro Max Samsung Galaxy S23 Ultra Google Pixel",
            "haha lol ok thx doei x",
            "Moin, mien Pakeet is noch nich dor, wo blifft dat?",
            "Ik ha noch hieltyd gjin antwurd krigen, wannear komme jim?",
            "Ich hob no oiwei koa Antwort, wos isn do los bei eich?",
            "'k em daor gebeld mor ze zeggen da'k moe wachtn",
            "Goeie middag, is die winkel Sondag oop?",
            "hoi hoe ist, ik wil me abbo opzeggn kan da",
            "Waarom duurt het zo lang??? çok kötü",
            "Dank u. Mulțumesc!",
            "Ik wil graag een afspraak maken bij de gemeente. Proszę o pomoc, nie mówię dobrze po niderlandzku. Het gaat om een paspoort.",
            "السلام عليكم ورحمة الله وبركاته, ik wacht nog steeds op antwoord",
            "¯\\_(ツ)_/¯",
            "https://www.ejemplo.es/mi-cuenta/pedidos @soporte #ayuda",
            "Jan van der Meer",
            "06-12345678",
            "🙂🙂",
            "",
        ] {
            assert_ne!(found(text), Language::Unsupported, "{text}");
        }
    }

    #[test]
    fn languages_of_the_model_are_named_and_a_tag_goes_first() {
        let known = |code: &str| Language::Known(code.to_owned());
        assert_eq!(found("Waar blijft de monteur die vanmorgen zou komen?"), known("nl"));
        assert_eq!(found("The engineer has not turned up and nobody called."), known("en"));
        assert_eq!(
            found("Der Techniker ist nicht gekommen und niemand hat angerufen."),
            known("de")
        );
        assert_eq!(found("Le technicien n'est pas venu et personne n'a appelé."), known("fr"));
        let mut message = Message::customer("Waar blijft de monteur?");
        message.language = Some("tr".to_owned());
        assert_eq!(language(&message, "Waar", &["nl".to_owned()]), Language::Unsupported);
        message.language = Some("nl-BE".to_owned());
        assert_eq!(language(&message, "Waar", &["nl".to_owned()]), known("nl-BE"));
        let ours = ["nl", "en", "de", "fr"].map(String::from);
        for tag in ["nld", "dut", "NLD-BE", "eng", "deu", "ger", "fra", "fre_CA", "NL ", "nl_BE"] {
            message.language = Some(tag.to_owned());
            assert_eq!(language(&message, "Waar", &ours), known(tag.trim()));
        }
        for tag in ["tur", "fry", "nds", "tr-NL"] {
            message.language = Some(tag.to_owned());
            assert_eq!(language(&message, "Waar", &ours), Language::Unsupported, "{tag}");
        }
        for no_tag in ["", "und", "UND-Latn", "mul", "Dutch"] {
            message.language = Some(no_tag.to_owned());
            assert_ne!(language(&message, "Waar", &["nl".to_owned()]), Language::Unsupported);
        }
    }

    #[test]
    fn without_knowing_the_models_languages_nothing_is_refused() {
        let message = Message::customer("");
        let turkish = "İnternet üç gündür kesik ve kimse telefona cevap vermiyor.";
        for supported in [&[][..], &["nl".to_owned(), "tr".to_owned()]] {
            assert_eq!(language(&message, turkish, supported), Language::Unclear);
        }
    }
}
