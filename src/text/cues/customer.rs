//! What customers say of how they are dealt with.

use super::{Cue, cue};
use crate::marks::MarkKind;

pub(super) fn cues() -> [Cue; 6] {
    use MarkKind::{AskedBefore, GaveUp, Misunderstood, NoAnswer, PassedOn, PromiseBroken};
    [
        cue(
            AskedBefore,
            &[
                r"(?:mijn|onze|nu|(?:al|dit is) de|inmiddels|intussen) <nde> (?:(?:e-?)?mail|brief|bericht|telefoon|tweet|verzoek|melding|herinnering)(?:tje|je)?\b",
                r"<nde> (?:keer|maal|x) (?:dat (?:ik|we|wij)|<vraag>)\b",
                r"(?:<vraag>|bijgaand|bijlage|hierbij)<near>voor de <nde> (?:keer|maal|x)\b",
                r"voor de <nde> (?:keer|maal|x)(?: (?:ik|we|wij|dus|dan|nu|dezelfde|de vraag)\b|<near>(?:mee|op|in|door|bij)?<vraag>\b
                    |\s*[.,:;!)]|\s*$)",
                r"nogmaals\b|hoe (?:vaak|dikwijls) moet(?:en)? (?:ik|wij|we) (?:dit|dat|het|nog|u|jullie)\b|in herhaling\b",
                r"(?:ik <vraag>|<vraag> ik|wij <vraag>en|we <vraag>en) (?:(?:nu|maar|nou|het|dit|u|je|jullie|dus) )*(?:nog één keer
                    |nog een keer|nog eens|weer|alweer|wéér|opnieuw)\b",
                r"zoals (?:ik )?(?:al|eerder|in mijn)<near>(?:zei|schreef|meldde|mailde|gezegd|geschreven|gemeld|gemaild|aangegeven|vermeld)",
                r"(?:heb ik|ik heb|hebben wij|wij hebben|we hebben) <few>(?:al|reeds|eerder|net) <few><gevraagd>",
                r"(?:dat|dit) (?:zei|schreef|vroeg|meldde|vertelde|mailde) ik (?:u |je |jullie )?(?:toch|al|net|gisteren|vorige|eerder)\b",
                r"<keren> <few><gevraagd>",
                r"<gevraagd>,? <keren>",
                r"opnieuw (?:moeten )?(?:bellen|mailen|vragen|uitleggen)",
                r"(?:ook|toch) al (?:over )?<gevraagd>|daar heb ik <few>al op gewezen\b|al (?:vaker|eerder) (?:<w> ){0,3}<gevraagd>",
                r"(?:na|ondanks) <zoveel> (?:telefoontjes|belletjes|mails|mailtjes|e-mails)\b",
                r"despite <many> (?:phone ?)?(?:calls|e-?mails|messages|letters|reminders)\b",
                r"van voren af aan|mijn (?:hele )?verhaal (?:weer|opnieuw)|(?:weer|wéér|opnieuw|nog eens) (?:mijn|het) (?:hele )?verhaal\b
                    |(?:het|dit|alles) (?:weer|wéér|alweer) uitleggen\b",
                r"blijf (?:maar |ik )*(?:bellen|mailen|vragen)\b|(?:dagen|weken|maanden) aan het (?:bellen|mailen|vragen)\b
                    |herhaal ik (?:hierbij |nogmaals )?mijn (?:verzoek|vraag|klacht)\b",
                r"(?:elke|iedere) (?:dag|week|maand|keer) (?:bel|mail|vraag) ik\b",
                r"(?:stond|staat) (?:ook |toch |al |gewoon )*(?:hierboven\b|in mijn (?:eerste |vorige |laatste )?(?:melding|mail|bericht|brief))
                    |zie mijn (?:eerdere|vorige|eerste) (?:e-?)?(?:mails?|berichte?n?|brief|vraag)\b",
                r"you(?:'ve| have) already asked",
                r"<nth> (?:mail|e-?mail|(?:phone )?call|letter|message|tweet|request|reminder|ticket|chaser|attempt|report|dm|chat|complaint
                    |contact|follow-?up|enquiry)\b",
                r"<nth> time (?:then|you|i|i'm|i've|we|we've|asking|writing|calling|ringing|emailing|sending|uploading|reporting
                    |of <w>ing)\b|for the <nth> time\s*(?:[.,:;!)]|$)",
                r"(?:ask|writ|call|ring|rang|email|report|send|sent|attach|tell|told|explain|request|upload|chas)(?:e|ed|s|ing
                    |es)?<near><nth> time\b",
                r"(?:as|like) i(?:'ve)? (?:already |just )?(?:said|wrote|mentioned|told|explained)
                    |as (?:per|(?:stated|said|mentioned|explained) in) my (?:previous|earlier|last|first) (?:e-?mail|message|letter)",
                r"how many (?:more )?times (?:do|must|have|should) (?:i|we)\b|lost count of (?:how many|the)\b
                    |following up (?:again|on my)\b|(?:bumping this|chasing (?:this|my))\b|you already have (?:all )?(?:this|that|my|the) (?:info|details)",
                r"(?:i|we)(?:'ve had to| have to| had to)? (?:keep|kept) (?:having to )?(?:explain|repeat|ask|chas|call|ring|email)(?:e|ing)?\b
                    |(?:i|we)(?:'ve| have) been (?:asking|chasing|calling|e-?mailing|mailing|messaging|ringing|phoning) (?:you|your|for|since|about|every)\b",
                r"i(?:'ve| have)? (?:already|literally just|just) (?:said|told you|told your|explained|given you|answered|done that
                    |tried that|asked you)\b",
                r"i asked (?:you )?(?:this |that )?(?:before|already|yesterday|last week)",
                r"(?:i|we)(?:'ve| have|'d)?(?: <w>)? (?:<asked>|sent|submitted)<near>(?:already|<times>)
                    |(?:i|we)(?:'ve| have)? already (?:<asked>|sent|submitted|provided|given you|gave you|spoken to|spoke to|filled)\b",
                r"<asked>(?: you| them)? (?:again|<times>)",
                r"(?:asking|writing|ringing|calling|chasing|emailing|attaching|ask|explain|repeat)(?: you| this| it| myself
                    | the <w>)* (?:(?:yet |once |all over )?again|once more|over and over|every (?:single )?(?:day|week|time))\b",
                r"every (?:single )?(?:day|week|time) i (?:ring|call|phone|ask|email)\b",
                r"(?:explain(?:ed)?|repeat(?:ed)?|start(?:ed)?|(?:go|gone|going|went) (?:through|over)) <few>(?:from scratch
                    |from the (?:start|beginning)|every (?:single )?time)\b",
                r"(?:go|gone|going|went) (?:through|over) <few>again\b|(?:enclose|attach|send|sending),? once more\b",
                r"zum (?:zweiten|dritten|vierten|wiederholten) mal",
                r"wie ich (?:bereits|schon) |(?:schon|bereits) (?:zwei|drei|vier|fünf|mehr)(?:mal|fach|mals) (?:<w> ){0,3}(?:angerufen|geschrieben
                    |gemeldet|nachgefragt|gefragt|kontaktiert)\b",
                r"pour la (?:deuxième|troisième|énième|\d+e) fois",
                r"(?:je vous ai|j'ai) déjà (?:dit|écrit|demandé|envoyé|expliqué|(?:appelé|téléphoné) (?:deux|trois|quatre|plusieurs|\d+) fois)",
            ],
            &[
                r"nogmaals (?:hartelijk |heel erg |veel |onze |mijn )*(?:dank|bedankt|merci|complimenten|excuses|sorry|gefeliciteerd|felicitaties)",
                r"(?:ik <vraag>|<vraag> ik) (?:weer|nog eens|opnieuw) (?:over (?:een|twee|drie|vier)|morgen|als|zodra|vanaf)\b|ik heb u al verteld hoe\b
                    |heb(?:ben)? (?:ik|we|wij) <few>al (?:verteld|gezegd) hoe\b",
                r"(?:formulier|meterstand|adres|gegevens|iban|bon|buurman|monteur|huisarts|dokter|loodgieter|zus|broer|vrouw|man|moeder
                    |vader) (?:<w> ){0,2}(?:al|net|reeds|zelf) (?:<w> ){0,2}<gevraagd>",
                r"how (?:grateful|happy|pleased|nice|lovely)\b|let me explain\b[^.?!\n]{0,40}|(?:<asked>) (?:my|the) (?:sister|brother|wife|husband|mum|mother
                    |dad|father|friend|doctor|gp|neighbour|bank|plumber|landlord)\b[^.?!\n]{0,20}",
                r"(?:ik heb|heb ik|i|i've|we)\b[^.?!\n]{0,60}\b(?:te (?:be)?danken|to thank)\b",
                r"(?:heeft|hebt|(?:jullie|ze|zij) hebben|hebben (?:jullie|ze|zij)|is me|is mij|is ons)<near><keren>|<keren> (?:heeft|is|werd|kreeg)\b
                    |(?:wouldn't|would not|would never)<near>again",
                r"<nth> time (?:i|we)(?:'ve| have)? (?:used?|order(?:ed)?|bought|buy|book(?:ed)?|stay(?:ed)?|visit(?:ed)?|been|shop)\b",
                r"<nde> (?:keer|maal) dat (?:ik|we|wij)<near>(?:bestel|koop|boek|logeer|eet)(?:d|t|en|de)?\b",
                r"<nde> <w> (?:die|dat) (?:(?:ik|wij|we)<near>(?:krijg|kreeg|ontvang|ontving)|(?:u|je|jullie)<near>stuur)\w*\b",
            ],
        ),
        cue(
            PromiseBroken,
            &[
                r"(?:was|is|werd|had|hadden|hadt|heeft|hebt|hebben)<near>(?:beloofd|toegezegd|afgesproken|gegarandeerd|verzekerd dat)",
                r"(?:beloofd|toegezegd)(?:e)? (?:was|werd|had|hebt)",
                r"(?:u|je|jullie|ge|gij|men|ze|zij|hij|collega|medewerker|mevrouw|meneer) (?:beloofde|beloofden|verzekerde|zegde)\b",
                r"(?:zou|zouden) <few><toen>",
                r"(?:zou|zouden)<near>(?:(?:terug|op|in)?(?:ge)?bel(?:d|len)|(?:terug|langs|na)?komen|(?:op|in)?(?:leveren|sturen)
                    |(?:af|op)halen|brengen|horen|ontvangen|krijgen|regelen|oplossen|laten weten|uitzoeken|doorgeven)\b",
                r"(?:zou|zouden)<near>(?:(?:be|ge)zorgd|geleverd|gestuurd|opgelost|geregeld|verwerkt|opgehaald|gemaakt|hersteld
                    |teruggestort|uitbetaald|klaar) (?:worden|zijn|liggen|staan|hebben)\b|<w> zou(?:den)? worden\b|zou(?:den)? worden <w>",
                r"(?:u|je|jij|ge|gij|jullie|collega|ze|zij|hij|die|men) (?:zei|zeiden|zegt|zeggen|hadt gezegd|had gezegd|schreef
                    |schreven)<near>(?:zou|zouden|gaat|gaan|ging|gingen|komt|kwam|morgen|vandaag
                    |binnen (?:de|een|één|twee|drie|vier|vijf|zes|\d+))\b",
                r"(?:u|je|jullie|ge|gij|collega)\b[^.?!\n]{0,12} had(?:den|t)? (?:gezegd|laten weten) dat\b",
                r"(?:you|he|she|they|was|were|been) (?:<w> )?(?:promised|guaranteed|assured)\b",
                r"(?:promised|guaranteed|assured) (?:me|us|that|by|to|a|an)\b",
                r"(?:you|he|she|they|colleague|agent|adviser|driver|engineer|website|app|email) said (?:that )?(?:i|it|that|you|they
                    |someone|somebody|we|he|she|there)(?:'d|'ll| would| will| was going to| were going to)\b",
                r"(?:you|ur|your (?:colleague|agent|guy|team)) said\b|you keep (?:saying|telling me|promising)\b|so much for (?:your|the|\W)
                    |(?:empty|broken|false|another) promises?\b|(?:broke|haven't kept|have not kept|didn't keep) your (?:promise|word)\b",
                r"you (?:confirmed|agreed|quoted|wrote|told me) (?:that (?:it|we|i|you|the)|(?:it|i)(?:'d| was| is| would| will| had| has| could)|<w>day\b|tomorrow|within|\d|me\b)
                    |(?:website|app|e-?mail|letter|text) (?:said|says|promised) (?:next day|within|delivery)\b",
                r"(?:was|were) expecting a (?:call|reply|visit|refund|delivery)|should have (?:arrived|come|been (?:delivered|here|sent|done|fixed
                    |refunded|paid))\b|(?:has|have) come and gone\b",
                r"(?:call ?back|call|visit|refund|collection|delivery) never (?:happened|came|materiali[sz]ed)\b",
                r"(?:he|she|they|colleague|agent|adviser) (?:said|told me|told us) (?:<w> )?(?:<w>day|today|tomorrow|within|by|between|\d+
                    |(?:one|two|three|four|five|ten|a|an) (?:hour|day|week|month)s?)\b",
                r"(?:you|he|she|they|your colleague) (?:told me (?:i|it|that|the|this|we|you|he|she|they)|(?:were|was) going to)\b
                    |(?:someone|somebody|a manager|an? <engineer>) (?:was|were) going to\b",
                r"(?:i|we|and|but)(?: was| were) (?:told|advised|informed|led to believe|given to understand)\b",
                r"(?:was|were) (?:supposed|meant) to\b|(?:was|were) due to (?:be|arrive|come|get|have|go|happen|receive|call|ring|start
                    |land)\b",
                r"(?:said|told) <few>(?:would|(?:was|were) going to)\b",
                r"(?:gave|given|have) (?:me |us )?(?:your word|an undertaking)\b|undertook to\b",
                r"that was (?:<w> ){1,4}ago\b|dat (?:was|is) (?:nu |inmiddels |ondertussen |al |ruim )*(?:<w> ){1,3}geleden",
                r"niemand <few>(?:(?:langs)?geweest|(?:langs)?gekomen|komen opdagen|verschenen|gezien)|niemand kwam(?: opdagen| langs)?\s*(?:[.,;!?]|$)
                    |kwam (?:er )?niemand\b",
                r"nooit (?:<w> )?(?:gekomen|komen opdagen|verschenen|opgedaagd|langsgekomen)",
                r"<monteur><near>niet (?:gekomen|geweest|verschenen|komen opdagen|opgedaagd|gezien)",
                r"<monteur> kwam (?:<w> ){0,2}niet\b
                    |<engineer> (?:didn't|did not|hasn't|has not|failed to|never) (?:come|came|arrived?|turn(?:ed)?|show(?:n|ed)?)\b|fail(?:ed|s)? to (?:turn|show) up",
                r"(?:afspra(?:ak|ken)|beloftes?|toezegging(?:en)?)\b[^.?!\n]{0,25} niet (?:nagekomen\b|na\s*(?:[.,;!?]|$))|(?:loze|lege) beloftes?\b
                    |niet aan (?:de|uw|jullie|je|hun) (?:afspra(?:ak|ken)|woord|beloftes?)\b|beloofde <w> (?:heb|is|kwam|hebben)<near>(?:niet|nooit)\b",
                r"(?:<toen>|toen) (?:zei|zeiden|schreef|schreven|beloofde) (?:u|je|jullie|ge|uw collega)\b|dat (?:beloofde|zei) (?:u|je|jullie) (?:toch|ook|vorige)\b
                    |volgens (?:u|jullie|uw collega) zou\b|ge zoudt (?:mij|me|ons|toch|vandaag|gisteren)\b",
                r"(?:hebt|heeft|hebben) (?:u|jullie|uw collega) (?:mij |ons |me )?(?:gezegd|geschreven|toegezegd|verzekerd) dat\b
                    |er (?:werd|is) (?:mij |ons |me )?(?:gezegd|verteld) dat\b",
                r"voor (?:niets|niks) (?:thuis|vrij|gewacht)\b|(?:opgenomen|thuisgebleven|vrij genomen)<near>kwam niemand\b",
                r"geen <monteur><near>(?:geweest|gezien|gekomen|te zien|verschenen)",
                r"ging(?:en|t)? <few>(?:(?:terug)?bellen|sturen|komen|langskomen|passeren|worden)\b",
                r"(?:de )?afspraak was dat\b|we(?: had)? agreed (?:that )?(?:you|it)\b",
                r"(?:<nobody>|none|no <engineer>)(?:(?: has|'?s| have| had)(?: ever| even| yet)? (?:come\b
                    |been(?: to| round| here| out| yet| near| since| and|\s*[,.;!?…]|\s*$))
                    |<near>(?:came|turned up|showed(?: up)?|arrived|appeared)\b)|never (?:[^\s,.?!]+ )?(?:came|turned up|showed|arrived|appeared)\b",
                r"(?:did not|didn't) (?:show|turn) up\b|no sign of (?:him|her|it|them|any|the|<engineer>)|no show\b|no-show",
                r"(?:versprochen|zugesagt|zugesichert)|techniker<near>nicht gekommen\b",
                r"(?:promis|deviez|devait|aviez dit|avait dit)\b|(?:technicien|livreur|personne)<near>n'est (?:pas )?venu\b",
            ],
            &[
                r"(?:zoals|gelijk|als|dan|volgens|than|as|like)(?: <w>){0,3} (?:beloofd|afgesproken|toegezegd|promised|agreed|guaranteed
                    |said)\b",
                r"(?:ik|wij|we)(?: <w>)? (?:had|hadden|heb|hebben)<near>(?:beloofd|afgesproken)|(?:had|heb|beloofde) ik\b",
                r"(?:zou|zouden)\b[^.,?!\n]{0,60}\b(?:kunnen|willen|mogen|graag|fijn|prettig|nodig)\b
                    |zou(?:den)? (?:morgen|overmorgen|volgende|<few>elke)\b",
                r"(?:ik|wij|we) ging(?:en)?\b|ging(?:en)? (?:ik|wij|we)\b|(?:monteur|buurman|buurvrouw|leverancier) zei\b[^.?!\n]{0,60}",
                r"zou(?:den)?\b[^.?!\n]{0,60}\b(?:hoe laat|klopt dat|kan dat|kan het|past dat|gaat dat)\b[^.?!\n]{0,30}\?",
                r"i (?:had |have )?promised\b|i was (?:meant|supposed) to (?:ask|call|ring|send|pay|tell|bring|do|write|email|let)\b",
                r"(?:said|told|promised)\b[^.?!\n]{0,80}\b(?:(?:it|he|she|they|you) did\b|and it was\b|exactly what|is that right|brilliant)
                    |(?:zei|zou|ging|beloofd)\b[^.?!\n]{0,80}\b(?:netjes|keurig|klokslag)",
                r"(?:supposed|meant|due) to <w> (?:tomorrow|next)\b",
                r"said (?:that )?you(?:'d| would| will|'ll) (?:need|have|like|want)\b|guaranteed to (?:fit|have|be|work|last)\b|never ?mind\b
                    |told by (?:the|a|my) (?:nurse|doctor|gp|dentist|vet)\b|never happened before\b|should have come (?:sooner|earlier|to)",
                r"(?:neighbou?r|friend|wife|husband|son|daughter|mother|father|doctor|gp|solicitor|accountant) (?:was|were|had been
                    |has been|said|says)\b[^.?!\n]{0,30}",
                r"(?:buurman|buurvrouw|vrouw|man|zoon|dochter|moeder|vader|dokter|huisarts|boekhouder|advocaat) (?:zei|zegt
                    |had gezegd)\b[^.?!\n]{0,60}",
                r"(?:i|we|and|but)\S* (?:was |were |been )?told (?:to|by (?:my|an?|our))\b",
                r"(?:ik|wij|we) zou(?:den)?<near>(?:sturen|doorgeven|bellen|laten weten|uitzoeken|regelen|komen|langskomen|moeten)\b
                    |zou(?:den)? (?:ik|wij|we)<near>komen\b",
            ],
        ),
        cue(
            NoAnswer,
            &[
                r"(?:geen|nooit|nergens) (?:<w> ){0,2}(?:reactie|bericht|terugkoppeling|respons|gehoor)\b",
                r"(?:nog (?:steeds |altijd )?geen|nooit|nergens) (?:<w> )?antwoord",
                r"(?:heb|hebben|kreeg|kregen|krijg|krijgen|ontving|kwam|komt|volgde)<near>geen (?:<w> )?antwoord",
                r"geen (?:<w> )?antwoord (?:gekregen|gehad|ontvangen|gehoord|mogen)",
                r"niemand<near>(?:antwoord|beantwoord|aan de lijn|te pakken|bereiken|bereikbaar|gehoord)",
                r"(?:neemt|nam|nemen) (?:er )?(?:toch )?niemand op\b|(?:neemt|nemen) (?:de |uw |jullie )?(?:telefoon )?(?:nooit|niet) op\b",
                r"niet teruggebeld|(?:ben|werd|word|wordt) (?:ik )?(?:ook |nog |nog steeds )?niet gebeld",
                r"(?:niets|niks|nix|nooit)<near>(?:gehoord|vernomen|vernemen|van zich laten horen)",
                r"(?:niets|niks|nooit) (?:meer )?(?:van (?:u|jullie|je|iemand)) (?:ontvangen|gekregen)",
                r"(?:niemand|nooit)<near>(?:gebeld|gereageerd|teruggebeld|geantwoord|gemeld|laten weten|belt|reageert|contact<near>opgenomen)
                    |(?:reageert|antwoordt|belt|neemt) (?:er )?niemand\b|niemand (?:neemt|nam)<near>op\b|niet opgenomen\s*(?:[.,;!…]|$)
                    |(?:belt|bellen|belde|belden) (?:<w> ){0,2}(?:nooit|niet) terug\b",
                r"(?:uur|uren|minuten|min|kwartier|lang) in de wacht(?:rij)?\b|(?:hours?|minutes|mins?) on hold\b
                    |(?:put|kept|keep|keeping|left|leave|sat|been|stuck|sitting|waiting) (?:me |us )?on hold\b|on hold for <w>|cut (?:me )?off after",
                r"(?:jullie|klantenservice|klantendienst|helpdesk)<near>(?:onbereikbaar|niet (?:te bereiken|bereikbaar))\b
                    |radiostilte\b|(?:angstvallig|oorverdovend|helemaal) stil\b|(?:word|worden|wordt)<near>genegeerd\b|genegeerd word
                    |(?:negeert u|negeren jullie|jullie negeren|u negeert)\b",
                r"laat(?:en)? (?:niets|niks) (?:meer )?van (?:je|u|zich) horen\b|geen (?:ontvangst)?bevestiging (?:gehad|gekregen|ontvangen|gezien)\b
                    |(?:mag|mogen|kan|kunnen|krijg|krijgen) (?:ik|wij|we) (?:hier |hierop |ooit )*nog (?:een )?(?:antwoord|reactie)\b",
                r"(?:hallo\W{1,3})?is (?:daar|er) iemand\s*\?|krijg (?:ik )?niemand te spreken\b|waarom hoor (?:ik|wij|we) (?:niks|niets)\b
                    |(?:u|jullie|ge) (?:heeft|hebt|hebben) (?:niet|nooit|nog niet) op (?:mijn|onze)<near>(?:gereageerd|geantwoord)",
                r"(?:can't|cannot|couldn't|unable to|impossible to) (?:get through to|get hold of|reach) (?:you|anyone|anybody|someone|somebody|customer|support|a human
                    |a person)\b|(?:can't|cannot|couldn't|trying to) get through\s*(?:[.,;!?]|$|on\b)|(?:get|gets|got|goes to|straight to) (?:the |your |a )?voicemail\b",
                r"(?:wordt|werd|worden|is|zijn)\b[^.?!\n]{0,15}\b(?:niet|nooit) (?:op )?(?:gereageerd|beantwoord|geantwoord)|onbeantwoord",
                r"(?:u|je|jullie|ge|men|klantenservice|klantendienst|helpdesk|afdeling|mentor|team(?:leider)?(?: \d+)?) (?:reageert|reageren|antwoordt|antwoorden) (?:<w> ){0,2}(?:niet|nooit)\b
                    |(?:reageert|reageren|antwoordt|antwoorden) (?:u|je|jullie|ge) (?:<w> ){0,2}(?:niet|nooit)\b|blijft het <few>stil\b|taal noch teken",
                r"(?:alleen|enkel|slechts) (?:<w> )?(?:een |de |maar )?(?:automatische|standaard) ?(?:mails?|antwoord(?:en)?|reacties?
                    |berichte?n?|tekst)",
                r"wacht (?:ik )?(?:nu |hier )?(?:nog steeds|nog altijd|al|inmiddels)\b|nog (?:steeds|altijd) (?:<w> ){0,2}wachten",
                r"wacht(?:en)? (?:ik |wij |we )?<few>op (?:uw |een |jullie |je )?(?:reactie|antwoord|bericht|terugkoppeling)\b",
                r"ik hoor(?:de)? (?:maar |nog |er |helemaal |gewoon |echt )*(?:niks|niets)(?: meer)?(?: van (?:u|jullie|je)\b|\s*(?:[.,;!?…]|$))|(?:nul|zero) (?:reactie|antwoord|response|reply|replies)\b
                    |stil gebleven\b|silence from\b",
                r"(?:niets|niks|(?:geen|nooit)<near>iets) terug ?(?:gekregen|gehoord|ontvangen|gehad)\b",
                r"(?:no|never|without)(?: an?| any| so much as an?| <w>)? (?:reply|answer|response|call ?back|news|acknowledge?ment
                    |update)\b",
                r"no word\b|(?:am|are|have|has) yet to (?:hear|receive|get)\b",
                r"(?:calls?|voicemails?|messages?|e-?mails?|letters?) (?:<w> )?(?:aren't|are not|weren't|were not|never
                    |not)(?: been)? (?:returned|answered)\b",
                r"(?:neither|none)<near>(?:answered|returned)\b|not a (?:word|peep) (?:from|since|back)\b|(?:gone|went) (?:quiet|silent) on\b
                    |ghost(?:ed|ing) (?:me|us)\b|complete silence\b|rings and rings\b|(?:anyone|anybody) there\s*\?|nothing but automated\b",
                r"<nobody><near>(?:called|replie[ds]|answer(?:ed|s)|rang|got back|gets back|come back to|came back to|responded|contacted
                    |been in touch|picks up|let me know|phoned)|<nobody>(?:'s| is| are) (?:answering|picking up|responding|replying)\b",
                r"never (?:[^\s,.?!]+ ){0,2}(?:called|replie[ds]|answered|rang|got back|come back to|came back to|responded|contacted|phoned|picks? up)\b",
                r"(?:heard?|hear) nothing\b|radio silence|(?:gone|went|going|go|goes|remain|remained) unanswered
                    |unanswered (?:e-?mails?|calls|letters|messages)",
                r"(?:haven't|have not|hasn't|has not|did not|didn't|not|never) (?:heard|had|received|get|getting|got
                    |gotten) (?:a |an |any |so much as an? |one )?(?:single )?(?:thing|anything|reply|answer|response|word|call|back
                    |acknowledge?ment|from)\b",
                r"(?:didn't|did not|don't|do not|doesn't|does not|won't|hasn't|has not|haven't|have not) (?:even )?(?:reply|replied|respond|responded
                    |get back|got back|answer(?:ed)? (?:my|the|any|our|me|us|your)|call(?:ed)? (?:me )?back|ring back)\b",
                r"(?:been|being|am|feel|get|getting|got|gets|you're|are) (?:<w> )?(?:ignored|ignoring)\b|ignor(?:es|ed|ing) (?:me|my|us|our)\b|rang out\b
                    |await(?:ing)? your (?:reply|response|revert)\b|no revert\b|waiting (?:since|for) <few>(?:reply|response|revert)\b",
                r"(?:only|all|just)<near>(?:automated|automatic|auto)[- ]?(?:<w> )?(?:reply|replies|response|e-?mails?|message
                    |acknowledge?ment)",
                r"still (?:waiting|nothing|no (?:reply|answer|response|word|news|update|call|contact|refund|one|sign))\b",
                r"keine (?:antwort|reaktion|rückmeldung)|niemand (?:meldet sich|antwortet)|warte (?:immer noch|noch immer)\b",
                r"(?:aucune|pas de|sans|jamais eu de) (?:réponse|nouvelle|nouvelles|réaction)|personne ne (?:répond|rappelle)\b",
            ],
            &[
                r"(?:geen|no) (?:<w> )?(?:reactie|bericht|antwoord|reply|answer|response|call ?back)(?: <w>)? (?:nodig|hoeft|hoef|vereist
                    |noodzakelijk|needed|required|necessary|expected|wanted|when i|van (?:de|het|mijn)<near>(?:server|verhuurder|verzekeraar|huisarts
                    |ziekenhuis|bank|buren)|from (?:the |my )?(?:server|device|doctor|gp|hospital|landlord|employer))\b",
                r"no (?:update|reply|response|news)(?: (?:needed|available|for the app|in the app|is good)|-to\b| when)|no-reply\b
                    |(?:never|no)<near>(?:complaint|response time|problem|issue)\b|if you (?:don't|do not|haven't)\b[^.?!\n]{0,30}",
                r"(?:app|server|screen|touchscreen|button|device|phone|laptop|keyboard|printer|thermostat|page|site|website|remote|router
                    |doorbell) (?:<w> ){0,2}(?:doesn't|does not|won't|didn't|not|has no|gives no|gets no)<near>(?:respond|answer|reply|response)\b",
                r"(?:app|server|scherm|laptop|knop|printer|afstandsbediening|deurbel|thermostaat|site|website|router|buurman|buurvrouw
                    |ex) (?:<w> ){0,2}reageert\b[^.?!\n]{0,20}|wacht(?:en)? (?:ik )?(?:<w> ){0,2}op (?:antwoord|bericht|reactie) van (?:de|het|mijn)\b",
                r"<nobody> (?:knew|answered the door)\b[^.?!\n]{0,40}|(?:answer|respond|reply)(?:ed|s)? (?:to )?(?:my|the|our|any) questions?\b
                    |(?:he|she|dog|it) never answer(?:s|ed)\b|still waiting for my (?:doctor|salary|gp|son|daughter|exam)|nothing but good\b|never ?mind\b",
                r"antwoord op (?:mijn|onze|die|deze) vra(?:ag|gen)\b|vraag (?:<w> ){0,3}niet beantwoord\b|niets gehoord van de (?:buren|bovenburen|onderburen)\b",
                r"(?:nobody|no one|no-one|never|niemand|nooit)<near>(?:so (?:fast|quick|quickly|well|friendly)|such an?|this (?:fast|quickly)
                    |zo'n|zo (?:goed|snel|fijn|vriendelijk|netjes))\b|geen bericht is goed\b",
                r"(?:i|i'd|i've)(?: <w>)? never (?:called|rang|phoned|replied|answered|contacted|responded)\b|nooit (?:een|de|het|naar)<near>(?:gebeld|gereageerd)
                    |i (?:did not|didn't|do not|don't|haven't) (?:reply|replied|answer|respond|call|pick)",
                r"nog nooit<near>gehoord|(?:indien|als|tenzij) (?:ik|wij|we) <few>(?:niets|niks|geen) <few>(?:hoor|horen|verneem|vernemen
                    |ontvang|ontvangen)\b",
                r"(?:if|als|wenn|si) (?:nobody|no one|no-one|niemand|personne)<near>\w+|bij geen gehoor\b",
                r"(?:if|unless) (?:i|we) (?:hear|receive|don't hear|do not hear|haven't heard|have not heard)\b[^.?!\n]{0,20}",
            ],
        ),
        cue(
            PassedOn,
            &[
                r"(?:van (?:'t|het) )?kastje naar de muur|van pontius naar pilatus|van hot naar her",
                r"(?:verwijst|verwijzen|wijst|wijzen|stuurt|sturen)<near>naar (?:elkaar|iemand anders)\b",
                r"(?:verwijst|verwijzen|verwees|verwezen|stuurt|sturen|stuurde|stuurden|schakelt|schakelde|verbindt
                    |verbond)\b[^.?!\n]{0,10} (?:mij|me|ons)<near>(?:naar|terug|door)\b",
                r"(?:ben|word|werd|was|zijn|worden|werden)<near>(?:doorverbonden|doorverwezen|doorgestuurd|doorgeschakeld)",
                r"(?:keer|maal|x|weer|steeds|telkens|opnieuw|net|heeft mij|heeft me|hadden mij|naar u) (?:<w> )?(?:doorverbonden
                    |doorverwezen|doorgeschakeld)",
                r"(?:zegt|zeggen|zei|zeiden)(?: ze| men| mij| me| nu| weer)* dat (?:ik|we|wij) (?:<w> )?(?:bij|naar) (?:<w> ){1,2}(?:moet
                    |moest|moeten|moesten)\b",
                r"(?:zegt|zeggen|zei|zeiden)(?: ze| men| mij| me| nu| weer)* dat (?:het|dit|dat|de)<near>(?:bij|van|aan) (?:u|jullie|hen
                    |hun)\b",
                r"(?:weer|wéér|elke keer|telkens|steeds|opnieuw) (?:iemand anders\b|een andere? (?:medewerker|persoon|collega|antwoord|afdeling|behandelaar|monteur|verhaal|nummer|naam|contactpersoon)\b
                    |een ander aan de)|keer een ander aan de\b",
                r"(?:drie|vier|vijf|zes|zeven|\d+) (?:verschillende |andere )(?:mensen|medewerkers|collega's|afdelingen|diensten
                    |personen)\b",
                r"van de (?:ene|één|een)<near>naar de (?:andere|ander)\b",
                r"(?:(?:passed|sent|bounced|pushed|shoved|moved|referred|transferred|handed) (?:me|us)|(?:<been>|^)(?:passed|sent|bounced|pushed|shoved|moved|referred
                    |transferred|handed)) (?:around|back and forth|from (?:pillar|one|team|person|department|desk)|between|back to)\b",
                r"(?:put|sent|passed|bounced|referred) me (?:straight |right )?back to\b",
                r"(?:passed|bounced|shoved|pushed|handed) (?:me |us )?from <w>(?: <w>)? to\b",
                r"<been>(?:transferred|put through|redirected|passed on
                    |passed) (?:to (?:another|a different|someone|yet|the wrong|<w> who)|again|back|<times>)",
                r"(?:puts|putting|passes|passing|sends|sending|refers|bounces|keep sending|keep passing) (?:me|us) (?:<w> )?(?:through|to
                    |back|round|around|from|between|elsewhere)\b",
                r"(?:sent|pass(?:ed|ing)|put|redirected|transferred|referred|directed) (?:me|us) (?:to|on ?to) (?:you|another|a different|someone|the wrong)\b
                    |fob(?:bed|bing)?(?: me| us)? off|(?:pass|passing|passed) the buck|round the houses|blam(?:es?|ing) (?:each other|the other)\b
                    |<nth> (?:person|agent|department|handler|adviser|advisor|colleague)\b",
                r"(?:spoken|spoke|talked) (?:to|with) (?:<many>) (?:different )?(?:people|agents|advis[eo]rs|departments|colleagues|persons|reps)\b
                    |(?:everyone|everybody|you all|they all) (?:says|say) (?:it's|it is) not\b",
                r"(?:pillar to post|going (?:round|in circles)|round in circles|yet another (?:person|colleague|department|agent)
                    |back and forth between)",
                r"(?:told|tells?|telling|says?|said)(?: me| us)? (?:that )?(?:it's|its|it is
                    |it was) (?:all |with |down to |up to |for )?(?:you|you lot|your (?:end|side|job|department|responsibility|problem))\b",
                r"(?:says?|said|told me to|tells? me to) (?:to )?(?:ring|call|phone|ask|try|use|visit|go to|contact
                    |speak to) [^.?!\n]{1,30}, (?:and )?(?:the |your )?[\w ]{1,20} (?:says?|said|told me to|tells? me to)\b",
                r"de (?:een|ene|één) zegt<near>de ander(?:e)?\b|(?:bij wie|waar) moet ik (?:nu|nou|dan|nu dan) (?:zijn|wezen)\b|pingpong\b
                    |niemand (?:voelt zich|is) verantwoordelijk\b|niemand weet waar ik moet zijn\b|wie gaat (?:hier|er|daar) (?:nu|nou|dan) (?:wel )?over\b",
                r"(?:elke|iedere) (?:medewerker|collega)<near>(?:iets|wat) anders\b|(?:schuift|schuiven)<near>(?:af op een ander|naar elkaar)\b
                    |iedereen (?:zegt|verwijst)<near>(?:een ander|elkaar)\b|(?:weer|steeds|maar|telkens) (?:door(?: te)?verbinden)\b|verbinden (?:me|mij) maar door\b",
                r"(?:steeds|telkens|elke keer|iedere keer) (?:<w> ){0,3}(?:iemand anders|een ander(?:e)? (?:medewerker|persoon|collega))\b
                    |every time<near>different (?:person|agent)\b",
                r"(?:ich|wir) (?:werden?|wurden?)<near>weitergeleitet|(?:werden?|wurden?) (?:ich|wir)<near>weitergeleitet
                    |(?:weiterverbunden|hin und her)",
                r"(?:renvoyée?|baladée?|transférée?) (?:de|d'un|à|vers)",
            ],
            &[
                r"(?:huisarts|dokter|arts|specialist|gp|doctor)<near>(?:doorverwezen|doorgestuurd|verwees|verwijst|stuurt|stuurde|zei
                    |zegt)",
                r"(?:verbindt?|schakelt) u (?:mij|me)\b|(?:app|site|website|link|pagina|knop|navigatie|gps) (?:verwijst|verwees|stuurt|stuurde)\b[^.?!\n]{0,40}",
                r"van de (?:ene|één|een) (?:straat|kamer|stad|kant|dag|fiets)\b[^.?!\n]{0,30}|(?:zus|broer|man|vrouw|buurman|buurvrouw|collega) (?:zegt|zei) dat\b[^.?!\n]{0,40}
                    |(?:aardige?|vriendelijke?|aardig|behulpzaam|attent)\b|doorverbonden met u\b|<nth> (?:person|agent) (?:was|who helped)\b",
                r"(?:stuurt|stuurde|sturen|stuurden) (?:mij|me|ons) (?:nu |weer )*(?:een|het|de|uw|jullie|mijn)\b",
                r"(?:ben|werd)<near>doorverbonden met een (?:heel |zeer |erg )?(?:aardige|vriendelijke|lieve|behulpzame)",
            ],
        ),
        cue(
            GaveUp,
            &[
                r"laat (?:u |je |het )?(?:dan )?maar(?: (?:hoor|zitten|zo|dan)\b|\s*[^\s\w]|\s*$)",
                r"laat u (?:het|dat) (?:verder |dan )*maar\s*(?:[.,;!…]|$|zo\b|zitten)|laat ook maar\b|laat het zo\s*(?:[.,;!…]|$)",
                r"laat (?:u |je )?(?:die|de|dat|mijn)<near>maar zitten",
                r"hoeft (?:al |nu |dan |het |dat |ook |voor mij |van mij |wat mij betreft )*(?:al|dan|voor mij|van mij
                    |wat mij betreft) (?:ook |al )?niet meer\b",
                r"(?:dan maar|nou,? dan|goed,? dan|tja,? dan|prima,? dan|ok,? dan) niet\b|dan niet\s*(?:[.!…]+\s*$|$)",
                r"(?:ik )?(?:geef|gaf) (?:het|de moed) op\b|(?:het|de moed|de hoop) (?:al |maar )?opgegeven|ik haak af\b|hier laat ik het bij\b
                    |ik laat het er (?:maar |dan )*bij (?:zitten\b|\s*(?:[.,;!…]|$))|ik zie er (?:maar |dan )+van af\b",
                r"laatste keer dat (?:ik|wij|we)<near>(?:bestel|koop|kom|boek|iets bij)|(?:bestel|koop|kom) (?:ik )?(?:hier|bij jullie|bij u) nooit meer\b
                    |vergeet het maar\s*(?:[.,;!…]|$)|(?:geen|niet) (?:tijd|energie|zin|moeite) meer in\b|doe geen moeite\s*(?:[.,;!…]|$)|maat (?:is )?vol\b",
                r"ik ga (?:wel |dan |dan wel )*(?:ergens anders heen|naar de concurren(?:t|tie))\b|annuleer (?:dan )?alles (?:dan )?maar\b|dan maar zonder\b",
                r"(?:het )?heeft (?:toch |dan |allemaal |verder )*geen zin\b",
                r"(?:ik|dan) (?:regel|zoek|los|doe|fix|koop)(?: ik)?\b[^.?!\n]{0,15}\b(?:zelf|elders|ergens anders)\b|(?:zoek|neem)(?: ik)? (?:dan )?wel een ander\b",
                r"ik (?:ga|stap)(?: dan)?(?: wel| maar)? (?:over )?naar een (?:ander|andere|concurrent)\b
                    |ik (?:zal|ga)(?: dan| wel)* een andere? <w> zoeken\b",
                r"het zal (?:allemaal )?wel\s*(?:[.,;!…]|$)|ik (?:stop|kap) ermee\b|ik laat het (?:er|hier)bij\b
                    |ik leg (?:me|mij)[^.?!\n]{0,25}\bneer\b",
                r"verwacht <few>(?:niets|niks) meer\b|geen (?:puf|fut|energie|moed) meer\b|doe geen moeite (?:meer|hoor)\b",
                r"ben (?:ik |er |hier )*(?:helemaal|echt|compleet|zo) klaar mee\b|klaar met jullie\s*(?:[.,;!…]|$)|zoek het(?: dan)? maar uit\s*(?:[.,;!…]|$)",
                r"i(?:'m| am) (?:so |just )?done with (?:this|you)\b",
                r"never ?mind\b|nvm\b",
                r"forget (?:it|about it|this)\b|suit yourself|cba\b|(?:won't|shan't|will not) (?:bother|trouble) you (?:again|any ?more|further)\b
                    |(?:won't|not) hold(?:ing)? my breath\b|too tired to (?:argue|fight|care|explain|chase)\b|not (?:going to )?wast(?:e|ing) any more",
                r"(?:i|i'll|i will|i've|i have|i'm) (?:just )?(?:give|gave|giving|given) up(?: on\b| trying| waiting| asking| expecting
                    | chasing| calling| a bit| with\b| hope\b| after\b| honestly|,? and\b|\s*(?:[.,;!…]|$))",
                r"(?:don't|do not) bother\s*(?:[.,;!…]|$|any ?more\b|replying|calling|coming|ringing|answering)",
                r"(?:why|know why) (?:do |did |should |would )?i (?:even )?(?:bother|bothered)\b|can't be bothered",
                r"i'll (?:just )?(?:sort|find|look|do|go|manage|fix|get|take)<near>(?:myself|elsewhere|somewhere else)\b",
                r"(?:what's|what is|there's|there is) (?:really |just )?(?:the|no) point\b|no (?:use|point) (?:in )?(?:asking|calling|trying)\b
                    |not (?:really )?worth (?:it|my time)\s*(?:[.,;!…]|$)|(?:isn't|is not) worth it\s*(?:[.,;!…]|$)|not worth (?:the )?(?:bother|hassle|effort|trouble|my time)",
                r"(?:haven't|don't have|have no|no) (?:the |any )?(?:energy|strength) (?:to|for|left)\b
                    |(?:i've|i have|i) stopped (?:asking|expecting|trying|hoping|calling|ringing|chasing|counting)\b",
                r"(?:right|fine|ok|okay|oh|yeah|well)\W{1,3}whatever\b|whatever\s*[.!…]*\s*$",
                r"leave it\s*(?:[.,;!…]|$)|(?:let's|i|i'll|we'll|i will) leave it (?:there|at that)\s*(?:[.,;!…]|then|$)|leave it then\b
                    |(?:i'm|i am|we're|we are) (?:switching|moving|going) to another (?:provider|supplier|company|shop|store|bank|insurer|one)\b|i'll have to find another\b|cancel everything\b",
                r"thank(?:s| you)(?: so much| very much| a lot| ever so much)? for (?:absolutely )?(?:nothing\b|zero\b|wasting|ruining|losing|hanging up
                    |not (?:replying|answering|calling|helping|caring|responding)|making me)|no thanks to you\b|(?:be)?dank(?:t)? voor (?:niets|niks)\b",
                r"(?:vergessen sie es|lassen sie es|egal dann|hat keinen sinn|ich gebe auf\s*(?:[.,;!…]|$))",
                r"(?:laissez tomber|tant pis|laisse tomber|peu importe|j'abandonne)",
            ],
            &[
                r"(?:laat maar|never ?mind|nvm|forget it|hoeft niet meer)(?: hoor| zitten)?\W{1,4}(?:<w>\W+){0,6}(?:gevonden|gelukt|found
                    |sorted|solved|working|works|fixed|figured|got it|gezien|zie|werkt|gewoon|all good|all fine|arrived|is here|came|called me|replied
                    |just (?:went|came|spotted|saw|rang)|spotted|back on|paid|went through|let me in|did it|see it|my (?:mistake|fault|bad)
                    |wrong (?:menu|page|account|app|order|one)|was (?:in|looking|here|behind|under))\b
                    |(?:laat maar|never ?mind|nvm|forget it)\W{1,4}(?:it|het) (?:was|is|lag|zat)\b",
                r"(?:won't|will not|not|never|don't|didn't|can't|cannot|couldn't) forget (?:it|about it|this)\b",
                r"(?:to|so|can|could|should|would|you|they|he|she|not|don't|nice,? i'll) leave it\b",
                r"laat (?:u |je )?(?:het )?maar (?:weten|horen|zien|komen)\b|geef het op (?:bij|als|in|via|aan|door)\b|geen zin (?:om|dat) <few><few>te?\b
                    |geen zin om\b[^.?!\n]{0,40}\bte (?:komen|bellen|brengen)\b|naar een andere (?:kamer|vestiging|filiaal|plek|verdieping|afdeling|winkel)\b",
                r"(?:ik|dan) (?:regel|zoek|los|doe|fix|koop)(?: ik)?\b[^.?!\n]{0,15}\bzelf (?:wel )?(?:even|(?:in|via) de app|online|graag|uit, (?:dank|bedankt))\b
                    |(?:doe|regel)(?: ik)? dat (?:wel )?even\b[^.?!\n]{0,20}|ik stop ermee (?:per|want|vanaf|in)\b|dan (?:maar )?niet (?:op|om|in|voor|met|meer)\b",
                r"i'll\b[^.?!\n]{0,30}\b(?:myself|elsewhere)\b[^.?!\n]{0,30}(?:thanks|thank you|cheers|no problem|easy|no need|online)
                    |i'll take <few>of (?:them|those)\b[^.?!\n]{0,20}|(?:give|gave|given) up after work\b",
            ],
        ),
        cue(
            Misunderstood,
            &[
                r"(?:dat|dit) (?:was|is) (?:niet|helemaal niet) (?:mijn vraag|wat ik (?:vroeg|bedoel|bedoelde|vraag))",
                r"dat (?:vroeg|bedoelde|bedoel|vraag|zei) ik (?:helemaal |toch |dus )?niet",
                r"ik heb het (?:helemaal |toch |dus )?(?:niet )?over<near>niet over\b|(?:ik heb het (?:helemaal |toch |dus )?niet over
                    |het (?:gaat|ging) (?:mij|me) (?:helemaal |toch |dus )?niet om)\b|het gaat (?:helemaal |toch |dus )?niet om<near>het gaat\b",
                r"(?:dat|dit) (?:was|is) mijn vraag niet\b|(?:geeft|gaf|geven|krijg|kreeg)<near>geen antwoord op (?:mijn|onze) vra
                    |vraag (?:is|werd|wordt) (?:nog |steeds |weer |hiermee )*niet beantwoord\b|(?:begrijpt|begrijpen|verstaat|snapt) (?:mij|me) (?:helemaal )?verkeerd\b",
                r"ik vroeg (?:iets|wat) anders\b|ik bedoel iets anders\b|vraag was een andere\b|dat heb ik (?:helemaal |nooit )?niet (?:gezegd|gevraagd)\b
                    |(?:gaat|gaan) (?:<w> ){0,2}niet in op (?:mijn|onze)\b|langs elkaar heen\b|standaard ?antwoord\b|daar (?:ging|gaat) mijn (?:vraag|mail) niet over\b",
                r"ik vraag niet <w>,? (?:maar )?ik vraag\b|vraag die ik niet (?:heb )?gesteld\b|luistert (?:u|je) (?:eigenlijk|wel|überhaupt)\b
                    |haalt (?:twee|de) <few>door elkaar\b",
                r"mijn (?:mail|bericht|brief|vraag) (?:niet|wel) (?:<w> )?gelezen
                    |(?:lees|leest u) (?:dan |nou |eens |nog eens )*(?:mijn|wat ik|het dossier)",
                r"(?:did|do|have|has) (?:you|anyone|anybody) (?:(?:even|actually) read|read (?:what|my))|read (?:my|the) <w> (?:again|properly)
                    |are you (?:even|actually) (?:reading|listening)|misunderst(?:ood|and(?:ing)?) (?:me|my|the question)|you(?:'ve| have)? misunderstood\b
                    |miss(?:ed|ing) the point\b|wrong end of the stick",
                r"it(?:'s| is) not about<near>it(?:'s| is) about\b|i(?:'m| am) not (?:asking|talking|complaining) (?:for|about)\b|answering a question i\b
                    |i asked about\b[^.?!\n]{0,30},? not (?:the|about|my)\b|nothing to do with my question\b",
                r"nee,? (?:ik (?:bedoel|bedoelde|vroeg|zei)|(?:dat|dit) (?:bedoel|bedoelde|vroeg|zei)
                    |(?:dat|dit) (?:is|was) niet (?:wat ik|mijn vraag|waar het om|juist|het probleem)|niet (?:een|de|het|dat|die|mijn)\b)",
                r"(?:u|je|jullie) (?:begrijpt|begrijp|begrijpen|snapt|snap
                    |snappen) (?:me |mij |het |er |mijn <w> |de vraag )?(?:echt |helemaal |dus )?(?:niet|niets|niks)\b",
                r"(?:u|je|jullie) (?:leest|lezen|luistert|luister|luisteren)<near>niet\b",
                r"(?:dat|dit) is geen antwoord",
                r"no,? (?:i (?:said|asked|meant|want|wanted|need)|that's not|that is not|not (?:that|this|the|an?|what|my)\b)",
                r"that(?:'?s| is| was)(?: not|n't) (?:what i|my question|the question|right|correct|it\b)",
                r"(?:that|this|it) (?:doesn't|does not|didn't|did not) answer\b|(?:haven't|have not|didn't|did not|never) (?:actually |even )?answer(?:ed)? (?:my|the|our) question
                    |(?:this|it)(?: is|'?s| was)(?:n't| not) what i asked\b|(?:i know that|i know),? (?:but )?i asked\b",
                r"i (?:didn't|did not|don't|do not) (?:ask (?:that|about|whether|if|how|what|you)|say|mean)\b",
                r"(?:you(?: are|'re) not (?:listening|understanding|reading|getting)
                    |you (?:didn't|did not|don't|haven't|have not) (?:answer|read|understand|understood|listen(?:ed)?)\b)",
                r"(?:not|different from|nothing to do with) what i (?:asked|said|meant|wanted|want)\b
                    |wat ik (?:helemaal )?niet (?:heb gevraagd|vroeg|gevraagd heb)",
                r"you(?:'re| are) (?:<w> )?(?:talking about|looking at|answering|on about) (?:the|a) (?:wrong|different)\b",
                r"(?:das war nicht meine frage|nein, ich (?:meinte|sagte|wollte))",
                r"(?:ce n'est pas ce que|non, je (?:voulais|parle|demande))",
            ],
            &[
                r"i (?:don't|do not|didn't|did not) (?:mean to|want to|say (?:this|that) (?:often|lightly|to))|understand how (?:happy|grateful|much)\b|i read (?:my|the)\b
                    |no,? not (?:a|any) (?:problem|issue|worry)\b|oh wait\b|nee,? niet (?:de hele|een|nodig|erg)\b|nee,? (?:ik bedoel|sorry)\b[^.?!\n]{0,30}mijn fout",
            ],
        ),
    ]
}
