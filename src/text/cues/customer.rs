//! What customers say of how they are dealt with.

use super::{Cue, cue};
use crate::marks::MarkKind;

pub(super) fn cues() -> [Cue; 6] {
    use MarkKind::{AskedBefore, GaveUp, Misunderstood, NoAnswer, PassedOn, PromiseBroken};
    [
        cue(
            AskedBefore,
            &[
                r"(?:mijn|onze|nu|(?:al|dit is) de|inmiddels|intussen) <nde> (?:mail|e-mail|brief|bericht|berichtje|telefoontje|tweet|verzoek|melding
                    |herinnering)\b",
                r"<nde> (?:keer|maal|x) (?:dat (?:ik|we|wij)|<vraag>)\b",
                r"(?:<vraag>|bijgaand|bijlage|hierbij)<near>voor de <nde> (?:keer|maal|x)\b",
                r"voor de <nde> (?:keer|maal|x)(?: (?:ik|we|wij|dus|dan|nu|dezelfde|de vraag)\b|<near>(?:mee|op|in|door|bij)?<vraag>\b
                    |\s*[.,:;!)]|\s*$)",
                r"nogmaals\b",
                r"(?:ik <vraag>|<vraag> ik|wij <vraag>en|we <vraag>en) (?:(?:nu|maar|nou|het|dit|u|je|jullie|dus) )*(?:nog één keer
                    |nog een keer|nog eens|weer|alweer|wéér|opnieuw)\b",
                r"zoals (?:ik )?(?:al|eerder)<near>(?:zei|schreef|gezegd|geschreven|gemeld|aangegeven|vermeld)",
                r"(?:heb ik|ik heb|hebben wij|wij hebben|we hebben) <few>(?:al|reeds|eerder|net) <few><gevraagd>",
                r"dat (?:zei|schreef|vroeg|meldde|vertelde|mailde) ik (?:u |je |jullie )?(?:toch|al|net|gisteren|vorige|eerder)\b",
                r"<keren> <few><gevraagd>",
                r"<gevraagd>,? <keren>",
                r"opnieuw (?:moeten )?(?:bellen|mailen|vragen|uitleggen)",
                r"(?:ook|toch) al <gevraagd>|al (?:vaker|eerder) (?:<w> ){0,3}<gevraagd>",
                r"(?:na|ondanks) <zoveel> (?:telefoontjes|belletjes|mails|mailtjes|e-mails)\b",
                r"despite <many> (?:phone ?)?(?:calls|e-?mails|messages|letters|reminders)\b",
                r"(?:van voren af aan|mijn (?:hele )?verhaal (?:weer|opnieuw))",
                r"(?:elke|iedere) (?:dag|week|maand|keer) (?:bel|mail|vraag) ik\b",
                r"(?:stond|staat) (?:ook |toch |al )*in mijn (?:eerste |vorige |laatste )?(?:melding|mail|bericht|brief)",
                r"you(?:'ve| have) already asked",
                r"<nth> (?:mail|e-?mail|call|letter|message|tweet|request|reminder|ticket|chaser)\b",
                r"<nth> time (?:then|you|i|i'm|i've|we|we've|asking|writing|calling|ringing|emailing|sending|uploading|reporting
                    |of <w>ing)\b",
                r"(?:ask|writ|call|ring|rang|email|report|send|sent|attach|tell|told|explain|request|upload|chas)(?:e|ed|s|ing
                    |es)?<near><nth> time\b",
                r"(?:as|like) i(?:'ve)? (?:already |just )?(?:said|wrote|mentioned|told|explained)",
                r"i(?:'ve| have)? (?:already|literally just|just) (?:said|told you|told your|explained|given you|answered|done that
                    |tried that|asked you)\b",
                r"i asked (?:you )?(?:this |that )?(?:before|already|yesterday|last week)",
                r"(?:i|we)(?:'ve| have|'d)?(?: <w>)? (?:<asked>|sent|submitted)<near>(?:already|<times>)|i already (?:<asked>|sent)\b",
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
                r"nogmaals (?:hartelijk |heel erg |veel |onze |mijn )*(?:dank|bedankt|merci|complimenten|excuses|sorry|gefeliciteerd)",
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
                r"(?:you|ur|your (?:colleague|agent|guy|team)) said\b",
                r"(?:he|she|they|colleague|agent|adviser) (?:said|told me|told us) (?:<w> )?(?:<w>day|today|tomorrow|within|by|between|\d+
                    |(?:one|two|three|four|five|ten|a|an) (?:hour|day|week|month)s?)\b",
                r"(?:you|he|she|they|your colleague) (?:told me (?:i|it|that|the|this|we|you|he|she|they)|(?:were|was) going to)\b",
                r"(?:i|we|and|but)(?: was| were) (?:told|led to believe|given to understand)\b",
                r"(?:was|were) (?:supposed|meant) to\b|(?:was|were) due to (?:be|arrive|come|get|have|go|happen|receive|call|ring|start
                    |land)\b",
                r"(?:said|told) <few>(?:would|(?:was|were) going to)\b",
                r"(?:gave|given|have) (?:me |us )?(?:your word|an undertaking)\b|undertook to\b",
                r"that was (?:<w> ){1,4}ago\b|dat (?:was|is) (?:nu |inmiddels |ondertussen |al |ruim )*(?:<w> ){1,3}geleden",
                r"niemand <few>(?:(?:langs)?geweest|(?:langs)?gekomen|komen opdagen|verschenen|gezien)|niemand kwam(?: opdagen| langs)?\s*(?:[.,;!?]|$)
                    |kwam (?:er )?niemand\b",
                r"nooit (?:<w> )?(?:gekomen|komen opdagen|verschenen|opgedaagd|langsgekomen)",
                r"<monteur><near>niet (?:gekomen|geweest|verschenen|komen opdagen|opgedaagd|gezien)",
                r"<monteur> kwam (?:<w> ){0,2}niet\b|<engineer> (?:didn't|did not|hasn't|has not) (?:come|arrived?|turn|show)\b",
                r"(?:afspra(?:ak|ken)|beloftes?|toezegging(?:en)?) niet (?:nagekomen\b|na\s*(?:[.,;!?]|$))|(?:loze|lege) beloftes?\b",
                r"geen <monteur><near>(?:geweest|gezien|gekomen|te zien|verschenen)",
                r"ging(?:en|t)? <few>(?:(?:terug)?bellen|sturen|komen|langskomen|passeren|worden)\b",
                r"(?:de )?afspraak was dat\b|we(?: had)? agreed (?:that )?(?:you|it)\b",
                r"(?:nobody|no one|no-one|none|never|no <engineer>)(?:(?: has|'?s| have| had)(?: ever| even| yet)? (?:come\b
                    |been(?: to| round| here| out| yet| near| since| and|\s*[,.;!?…]|\s*$))
                    |<near>(?:came|turned up|showed(?: up)?|arrived|appeared)\b)",
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
                r"(?:ik|wij|we) ging(?:en)?\b|ging(?:en)? (?:ik|wij|we)\b",
                r"i (?:had |have )?promised\b|i was (?:meant|supposed) to (?:ask|call|ring|send|pay|tell|bring|do|write|email|let)\b",
                r"(?:said|told|promised)\b[^.?!\n]{0,80}\b(?:(?:it|he|she|they) did\b|exactly what)
                    |(?:zei|zou|ging|beloofd)\b[^.?!\n]{0,80}\b(?:netjes|keurig|klokslag)",
                r"(?:supposed|meant|due) to <w> (?:tomorrow|next)\b",
                r"said (?:that )?you(?:'d| would| will|'ll) (?:need|have|like|want)\b",
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
                r"(?:niemand|nooit)<near>(?:gebeld|gereageerd|teruggebeld|geantwoord|gemeld|laten weten|belt|reageert)|niemand (?:neemt|nam)<near>op\b
                    |(?:belt|bellen|belde|belden) (?:<w> ){0,2}(?:nooit|niet) terug\b",
                r"(?:uur|uren|minuten|min|kwartier|lang) in de wacht\b|(?:hours?|minutes|mins?) on hold\b",
                r"(?:jullie|klantenservice|klantendienst|helpdesk)<near>(?:onbereikbaar|niet (?:te bereiken|bereikbaar))\b
                    |radiostilte\b",
                r"(?:can't|cannot|couldn't|unable to|impossible to) (?:get through to|get hold of|reach) (?:you|anyone|anybody|someone|somebody|customer|support)\b",
                r"(?:wordt|werd|worden|is|zijn)\b[^.?!\n]{0,15}\b(?:niet|nooit) (?:op )?(?:gereageerd|beantwoord|geantwoord)|onbeantwoord",
                r"(?:reageert|reageren|antwoordt|antwoorden) (?:<w> ){0,2}(?:niet|nooit)\b|blijft het stil\b|taal noch teken",
                r"(?:alleen|enkel|slechts) (?:<w> )?(?:een |de |maar )?(?:automatische|standaard) ?(?:mails?|antwoord(?:en)?|reacties?
                    |berichte?n?|tekst)",
                r"wacht (?:ik )?(?:nu |hier )?(?:nog steeds|nog altijd|al|inmiddels)\b|nog (?:steeds|altijd) (?:<w> ){0,2}wachten",
                r"wacht(?:en)? (?:ik |wij |we )?<few>op (?:uw |een |jullie |je )?(?:reactie|antwoord|bericht|terugkoppeling)\b",
                r"ik hoor(?:de)? (?:maar |nog |er )*(?:niks|niets)\b|(?:nul|zero) (?:reactie|antwoord|response|reply|replies)\b
                    |stil gebleven\b|silence from\b",
                r"(?:niets|niks|(?:geen|nooit)<near>iets) terug ?(?:gekregen|gehoord|ontvangen|gehad)\b",
                r"(?:no|never|without)(?: an?| any| so much as an?| <w>)? (?:reply|answer|response|call ?back|news|acknowledge?ment
                    |update)\b",
                r"no word\b|(?:am|are|have|has) yet to (?:hear|receive|get)\b",
                r"(?:calls?|voicemails?|messages?|e-?mails?|letters?) (?:<w> )?(?:aren't|are not|weren't|were not|never
                    |not)(?: been)? (?:returned|answered)\b",
                r"(?:neither|none)<near>answered\b",
                r"(?:nobody|no one|no-one|never)<near>(?:called|replie[ds]|answer(?:ed|s)|rang|got back|gets back|come back to|came back to
                    |responded|contacted|been in touch|picks up|let me know|phoned)",
                r"(?:heard?|hear) nothing\b|radio silence|(?:gone|went|going|go|goes|remain|remained) unanswered
                    |unanswered (?:e-?mails?|calls|letters|messages)",
                r"(?:haven't|have not|havent|hasn't|has not|not|never) (?:heard|had|received|got
                    |gotten) (?:a |an |any |so much as an? |one )?(?:single )?(?:thing|anything|reply|answer|response|word|call|back
                    |acknowledge?ment|from)\b",
                r"(?:didn't|did not|don't|do not|doesn't|does not|won't|hasn't|haven't) (?:even )?(?:reply|replied|respond|responded
                    |get back|got back|answer(?:ed)? (?:my|the|any|our|me|us)|call(?:ed)? (?:me )?back|ring back)\b",
                r"(?:been|being|am|feel|you're|are) (?:<w> )?(?:ignored|ignoring)\b|rang out\b",
                r"(?:only|all|just)<near>(?:automated|automatic|auto)[- ]?(?:<w> )?(?:reply|replies|response|e-?mails?|message
                    |acknowledge?ment)",
                r"still (?:waiting|nothing|no (?:reply|answer|response|word|news|update|call|contact|refund|one|sign))\b",
                r"keine (?:antwort|reaktion|rückmeldung)|niemand (?:meldet sich|antwortet)|warte (?:immer noch|noch immer)\b",
                r"(?:aucune|pas de|sans|jamais eu de) (?:réponse|nouvelle|nouvelles|réaction)|personne ne (?:répond|rappelle)\b",
            ],
            &[
                r"(?:geen|no) (?:<w> )?(?:reactie|bericht|antwoord|reply|answer|response|call ?back)(?: <w>)? (?:nodig|hoeft|hoef|vereist
                    |noodzakelijk|needed|required|necessary|expected|wanted|van de server|from (?:the )?server)\b",
                r"(?:nobody|no one|no-one|never|niemand|nooit)<near>(?:so (?:fast|quick|quickly|well|friendly)|such an?|this (?:fast|quickly)
                    |zo'n|zo (?:goed|snel|fijn|vriendelijk|netjes))\b|geen bericht is goed\b",
                r"(?:i|i'd|i've)(?: <w>)? never\b|nooit (?:een|de|het|naar)<near>(?:gebeld|gereageerd)
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
                r"(?:weer|wéér|elke keer|telkens|steeds|opnieuw) (?:een |iemand )(?:andere?|anders)\b|keer een ander aan de\b",
                r"(?:drie|vier|vijf|zes|zeven|\d+) (?:verschillende |andere )(?:mensen|medewerkers|collega's|afdelingen|diensten
                    |personen)\b",
                r"van de (?:ene|één|een)<near>naar de (?:andere|ander)\b",
                r"(?:passed|sent|bounced|pushed|shoved|moved|referred|transferred|handed) (?:me |us )?(?:around|back and forth
                    |from (?:pillar|one|team|person|department|desk)|between|back to)\b",
                r"(?:put|sent|passed|bounced|referred) me (?:straight |right )?back to\b",
                r"(?:passed|bounced|shoved|pushed|handed) (?:me |us )?from <w>(?: <w>)? to\b",
                r"(?:been|was|got|get|getting|being) (?:transferred|put through|passed on
                    |passed) (?:to (?:another|a different|someone|yet|the wrong|<w> who)|again|back|<times>)",
                r"(?:puts|putting|passes|passing|sends|sending|refers|bounces|keep sending|keep passing) (?:me|us) (?:<w> )?(?:through|to
                    |back|round|around|from|between|elsewhere)\b",
                r"(?:pillar to post|going (?:round|in circles)|round in circles|yet another (?:person|colleague|department|agent)
                    |back and forth between)",
                r"(?:told|tells?|telling|says?|said)(?: me| us)? (?:that )?(?:it's|its|it is
                    |it was) (?:all |with |down to |up to |for )?(?:you|you lot|your (?:end|side|job|department|responsibility|problem))\b",
                r"(?:says?|said|told me to|tells? me to) (?:to )?(?:ring|call|phone|ask|try|use|visit|go to|contact
                    |speak to) [^.?!\n]{1,30}, (?:and )?(?:the |your )?[\w ]{1,20} (?:says?|said|told me to|tells? me to)\b",
                r"(?:steeds|telkens|elke keer|iedere keer) (?:<w> ){0,3}(?:iemand anders|een ander(?:e)? (?:medewerker|persoon|collega))\b
                    |every time<near>different (?:person|agent)\b",
                r"(?:ich|wir) (?:werden?|wurden?)<near>weitergeleitet|(?:werden?|wurden?) (?:ich|wir)<near>weitergeleitet
                    |(?:weiterverbunden|hin und her)",
                r"(?:renvoyée?|baladée?|transférée?) (?:de|d'un|à|vers)",
            ],
            &[
                r"(?:huisarts|dokter|arts|specialist|gp|doctor)<near>(?:doorverwezen|doorgestuurd|verwees|verwijst|stuurt|stuurde|zei
                    |zegt)",
                r"(?:verbindt?|schakelt) u (?:mij|me)\b",
                r"(?:stuurt|stuurde|sturen|stuurden) (?:mij|me|ons) (?:nu |weer )*(?:een|het|de|uw|jullie|mijn)\b",
                r"(?:ben|werd)<near>doorverbonden met een (?:heel |zeer |erg )?(?:aardige|vriendelijke|lieve|behulpzame)",
            ],
        ),
        cue(
            GaveUp,
            &[
                r"laat (?:u |je |het )?(?:dan )?maar(?: (?:hoor|zitten|zo|dan)\b|\s*[^\s\w]|\s*$)",
                r"laat u (?:het|dat) (?:verder |dan )*maar",
                r"laat (?:u |je )?(?:die|de|dat|mijn)<near>maar zitten",
                r"hoeft (?:al |nu |dan |het |dat |voor mij |van mij |wat mij betreft )*(?:al|dan|voor mij|van mij
                    |wat mij betreft) niet meer\b",
                r"(?:dan maar|nou,? dan|goed,? dan|tja,? dan|prima,? dan|ok,? dan) niet\b|dan niet\s*(?:[.!…]+\s*$|$)",
                r"(?:ik )?(?:geef|gaf) (?:het|de moed) op\b|(?:het|de moed) (?:al |maar )?opgegeven",
                r"(?:het )?heeft (?:toch |dan |allemaal |verder )*geen zin\b",
                r"(?:ik|dan) (?:regel|zoek|los|doe|fix)(?: ik)?\b[^.?!\n]{0,15}\b(?:zelf|elders|ergens anders|wel)\b",
                r"ik (?:ga|stap)(?: dan)?(?: wel| maar)? (?:over )?naar een (?:ander|andere|concurrent)\b
                    |ik (?:zal|ga)(?: dan| wel)* een andere? <w> zoeken\b",
                r"het zal (?:allemaal )?wel\s*(?:[.,;!…]|$)|ik (?:stop|kap) ermee\b|ik laat het (?:er|hier)bij\b
                    |ik leg (?:me|mij)[^.?!\n]{0,25}\bneer\b",
                r"verwacht <few>(?:niets|niks) meer\b|geen (?:puf|fut|energie|moed) meer\b|doe geen moeite (?:meer|hoor)\b",
                r"ben (?:ik |er |hier )*(?:helemaal|echt|compleet|zo) klaar mee\b|klaar met jullie\s*(?:[.,;!…]|$)|zoek het(?: dan)? maar uit\s*(?:[.,;!…]|$)",
                r"i(?:'m| am) (?:so |just )?done with (?:this|you)\b",
                r"never ?mind",
                r"forget (?:it|about it|this)\b",
                r"(?:i|i'll|i will|i've|i have|i'm) (?:just )?(?:give|gave|giving|given) up(?: on\b| trying| waiting| asking| expecting
                    | chasing| calling| a bit|,? and\b|\s*(?:[.,;!…]|$))",
                r"(?:don't|do not) bother\s*(?:[.,;!…]|$|any ?more\b|replying|calling|coming|ringing|answering)",
                r"(?:why|know why) (?:do |did |should |would )?i (?:even )?(?:bother|bothered)\b|can't be bothered",
                r"i'll (?:just )?(?:sort|find|look|do|go|manage|fix|get|take)<near>(?:myself|elsewhere|somewhere else)\b",
                r"(?:what's|what is|there's|there is) (?:the|no) point\b|not worth (?:the )?(?:bother|hassle|effort|trouble|my time)",
                r"(?:haven't|don't have|have no|no) (?:the |any )?(?:energy|strength) (?:to|for|left)\b
                    |(?:i've|i have|i) stopped (?:asking|expecting|trying|hoping|calling|ringing|chasing|counting)\b",
                r"(?:right|fine|ok|okay|oh|yeah|well)\W{1,3}whatever\b|whatever\s*[.!…]*\s*$",
                r"leave it\s*(?:[.,;!…]|$)|(?:let's|i|i'll|we'll|i will) leave it (?:there|at that)\b|leave it then\b",
                r"(?:vergessen sie es|lassen sie es|egal dann|hat keinen sinn|ich gebe auf\s*(?:[.,;!…]|$))",
                r"(?:laissez tomber|tant pis|laisse tomber|peu importe|j'abandonne)",
            ],
            &[
                r"(?:laat maar|never ?mind|forget it|hoeft niet meer)(?: hoor| zitten)?\W{1,4}(?:<w>\W+){0,6}(?:gevonden|gelukt|found
                    |sorted|working|works|fixed|figured|got it|gezien|zie|werkt|gewoon|all good)\b
                    |(?:laat maar|never ?mind|forget it)\W{1,4}(?:it|het) (?:was|is|lag|zat)\b",
                r"(?:won't|will not|not|never|don't|didn't|can't|cannot|couldn't) forget (?:it|about it|this)\b",
                r"(?:to|so|can|could|should|would|you|they|he|she|not|don't|nice,? i'll) leave it\b",
                r"laat maar (?:weten|horen|zien|komen)\b",
            ],
        ),
        cue(
            Misunderstood,
            &[
                r"(?:dat|dit) (?:was|is) (?:niet|helemaal niet) (?:mijn vraag|wat ik (?:vroeg|bedoel|bedoelde|vraag))",
                r"dat (?:vroeg|bedoelde|bedoel|vraag|zei) ik (?:helemaal |toch |dus )?niet",
                r"(?:ik heb het|het gaat|het ging) (?:helemaal |toch |dus )?niet (?:over|om)<near>(?:maar|ik heb het|het gaat)\b",
                r"mijn (?:mail|bericht|brief|vraag) (?:niet|wel) (?:<w> )?gelezen
                    |(?:lees|leest u) (?:dan |nou |eens |nog eens )*(?:mijn|wat ik|het dossier)",
                r"(?:did|do|have|has) (?:you|anyone|anybody) (?:even|actually) read|read (?:my|the) <w> (?:again|properly)",
                r"nee,? (?:(?:ik|dat|dit) (?:bedoel|bedoelde|vroeg|zei|is niet|was niet)|niet (?:een|de|het|dat|die|mijn)\b)",
                r"(?:u|je|jullie) (?:begrijpt|begrijp|begrijpen|snapt|snap
                    |snappen) (?:me |mij |het |er |mijn <w> |de vraag )?(?:echt |helemaal |dus )?(?:niet|niets|niks)\b",
                r"(?:u|je|jullie) (?:leest|lezen|luistert|luister|luisteren)<near>niet\b",
                r"(?:dat|dit) is geen antwoord",
                r"no,? (?:i (?:said|asked|meant|want|wanted|need)|that's not|that is not|not (?:that|this|the|an?|what|my)\b)",
                r"that(?:'?s| is| was)(?: not|n't) (?:what i|my question|the question|right|correct|it\b)",
                r"that (?:doesn't|does not|didn't|did not) answer\b|(?:i know that|i know),? (?:but )?i asked\b",
                r"i (?:didn't|did not|don't|do not) (?:ask (?:that|about|whether|if|how|what|you)|say|mean)\b",
                r"(?:you(?: are|'re) not (?:listening|understanding|reading|getting)
                    |you (?:didn't|did not|don't) (?:answer|read|understand|listen))",
                r"(?:not|different from|nothing to do with) what i (?:asked|said|meant|wanted|want)\b
                    |wat ik (?:helemaal )?niet (?:heb gevraagd|vroeg|gevraagd heb)",
                r"you(?:'re| are) (?:<w> )?(?:talking about|looking at|answering|on about) (?:the|a) (?:wrong|different)\b",
                r"(?:das war nicht meine frage|nein, ich (?:meinte|sagte|wollte))",
                r"(?:ce n'est pas ce que|non, je (?:voulais|parle|demande))",
            ],
            &[
                r"i (?:don't|do not|didn't|did not) (?:mean to|want to|say (?:this|that) (?:often|lightly|to))",
            ],
        ),
    ]
}
