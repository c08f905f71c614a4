//! What staff claim.

use super::{Cue, cue};
use crate::marks::MarkKind;

pub(super) fn cues() -> [Cue; 5] {
    use MarkKind::{Apologised, CitedRule, Promised, ReferredElsewhere, SaidSolved};
    [
        cue(
            Promised,
            &[
                r"(?:ik|wij|we|u|je|collega|monteur|planner)\b[^.?!\n]{0,30}\b(?:bel|bellen|belt|mail|mailen|stuur|sturen|zal|zullen|ga|gaan|kom|komen|komt|laat|laten|hoort|krijgt|ontvangt|neemt|neem|zorg|zorgen|regel|regelen|zet|pak|kijk|vraag|geef|koppel)\b",
                r"(?:neemt|nemen)\b[^.?!\n]{0,30}\bcontact\b",
                r"(?:wordt|worden)\b[^.?!\n]{0,40}\b(?:gebeld|teruggebeld|aangepast|verwerkt|opgepakt|geleverd|bezorgd|gestuurd|verzonden|opgelost|hersteld|behandeld|teruggestort|ingepland|gecorrigeerd)",
                r"er komt\b[^.?!\n]{0,30}\b(?:monteur|iemand|collega|technieker|medewerker)\b",
                r"(?:binnen|uiterlijk|voor het einde van|in de loop van) [^.?!\n]{0,25}(?:uur|dag|dagen|werkdag|werkdagen|week|weken|maand
                    |maanden|minuten|kwartier|halfuur|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|morgen)",
                r"(?:i|we|you|they|it|he|she|engineer|colleague|someone|somebody)(?:'ll| will|'re going to|'m going to| shall)\b",
                r"(?:within|by|in) (?:the next )?(?:\d+|one|two|three|four|five|ten|a few|a couple of)(?:-| to | or )?\w* ?(?:working |business )?(?:hours?|days?|weeks?|minutes?)",
                r"(?:guarantee|promise|booked (?:in|for)|scheduled for|locked in)",
                r"(?:wir|ich) (?:werde|werden|melde|melden|rufe|schicke)",
                r"(?:nous (?:allons|vous)|je vais|sera|serez)\b",
            ],
            &[
                r"(?:you'll|you will|you shall) (?:need|have) to\b",
                r"(?:te voldoen|te betalen|pay|remove|return)\b[^.?!\n]{0,25}\b(?:binnen|uiterlijk|within|by)\b[^.?!\n]{0,20}",
            ],
        ),
        cue(
            SaidSolved,
            &[
                r"(?:is|zijn|heb|hebben|werd)\b[^.?!\n]{0,40}\b(?:opgelost|verholpen|hersteld|gesloten|afgehandeld|afgesloten|afgerond|aangepast|verwerkt|geregeld|gecorrigeerd|geannuleerd|teruggestort|rechtgezet)\b",
                r"(?:resolved|fixed|closed|sorted|completed|processed|corrected|cancelled|refunded|updated|restored|all done|done for you)\b",
                r"(?:gelöst|behoben|erledigt|abgeschlossen)",
                r"(?:résolu|réglé|clôturé|corrigé)",
            ],
            &[
                r"(?:nog )?(?:niet|geen) (?:<w> )?(?:opgelost|verholpen|hersteld|afgehandeld|geregeld|verwerkt)\b|(?:hasn't|has not|haven't|isn't|is not)<near>(?:resolved
                    |fixed|processed|completed|sorted)\b|(?:on |road is |lane is )?closed (?:on|at|for)\b|(?:is|are) being (?:processed|updated|corrected)\b",
                r"(?:is|has|have|was|were|werd|zijn)\b[^.?!\n]{0,50}\?|gesloten (?:op|tot|van|om)\b|(?:zaterdag|zondag|maandag|vandaag|morgen)s? gesloten\b",
                r"(?:must|cannot|can't|can|could|to|will|should|would|may|not|are|gets?) (?:be |been )?(?:\w+ )?(?:resolved|fixed|closed
                    |sorted|completed|processed|corrected|cancelled|refunded|updated|restored)\b",
                r"(?:when|until|once|before|if|as soon as)\b[^.?!\n]{0,30}\b(?:resolved|fixed|closed|sorted|completed|processed
                    |restored)\b",
                r"(?:zodra|wanneer|totdat|als)\b[^.?!\n]{0,60}",
            ],
        ),
        cue(
            CitedRule,
            &[
                r"(?:conform|volgens|krachtens|op grond van|op basis van|ingevolge|overeenkomstig)\b",
                r"(?:voorwaarden|beleid|regels|regelgeving|procedure|protocol|artikel \d|polisvoorwaarden|richtlijn|reglement|termijn is|wettelijk)",
                r"(?:kunnen|kan|mag|mogen) (?:wij|we|ik|u|je)? ?(?:helaas |hier |daar |er )*(?:niets|niet|geen|alleen)\b",
                r"helaas\b[^.?!\n]{0,40}\b(?:niet|geen|alleen)\b",
                r"(?:policy|terms|conditions|regulations?|guidelines?|clause|according to|in line with|in accordance|procedure|eligible|not covered|excluded)\b",
                r"(?:unable to|can't|cannot|can not|not able to|not possible|unfortunately)\b",
                r"(?:gemäß|laut|bedingungen|vorschrift|leider)",
                r"(?:conformément|conditions générales|règlement|malheureusement)",
            ],
            &[
                r"(?:can't|cannot|can not|unable to|not able to) (?:see|find|reach|hear|wait|thank)\b",
            ],
        ),
        cue(
            Apologised,
            &[
                r"(?:sorry|excuses|excuus|verontschuldig|pardon|spijt|vervelend|onze fout|jammer|betreur)",
                r"(?:apolog|regret|our (?:mistake|fault|error))",
                r"(?:entschuldig|tut (?:uns|mir) leid|bedauer)",
                r"(?:désolée?s?|excus(?:ons|ez|er)|navrée?s?)",
            ],
            &[
                r"(?:no need to|don't|do not|not|never|geen reden om|hoeft geen|niet) (?:say |be |owe )?(?:sorry|apolog\w*|excuses|verontschuldig\w*)\b
                    |(?:won't|not|don't) regret\b|hope you (?:don't|won't) regret\b|sorry to see\b|niet (?:zo )?(?:erg|vervelend)\b",
            ],
        ),
        cue(
            ReferredElsewhere,
            &[
                r"(?:neem|neemt u|contacteer)(?: u| dan| even| gerust| hiervoor| daarvoor| zelf| alstublieft)* contact\b
                    |contact (?:op|opnemen|op te nemen) met (?:uw|je|de|het|onze)\b|contacteer\b",
                r"(?:kunt|kan|dient|moet|gelieve|verwijs|doorverbind|verbind|stuur)[^.?!\n]{0,60}\b(?:terecht|bellen|wenden|door|zelf|website|site|formulier|portaal|app|mijn \w+|afdeling|collega)\b",
                r"(?:niet van ons|niet onze|andere afdeling|een andere dienst|gaan wij niet over|daar ga ik niet over)",
                r"(?:please|you (?:can|need to|have to|should|must|may)|you'll need to)\b[^.?!\n]{0,50}\b(?:contact|call|ring|speak|write|use|visit|fill|complete|submit|raise|online|website|app|form|portal)\b",
                r"(?:transfer(?:ring)? you|put you through|pass(?:ed|ing)? (?:this|you|it)|(?:different|another|other) (?:team|department|desk)|not (?:us|our|something we))",
                r"moet(?:en)? (?:u|je|ge) (?:<w> )?bij<near>zijn\b|(?:u|je|ge) moet (?:<w> )?bij<near>zijn\b|verwijzen (?:wij|we) u\b|verwijzen u\b",
                r"(?:wenden sie sich|zuständig)",
                r"(?:adressez|contactez|veuillez contacter)",
            ],
            &[
                r"(?:ik|wij|we|had|hadden) (?:kan |kunnen |moeten )*(?:u |je |hem |haar )*(?:moeten )?(?:bellen|lezen)\b[^.?!\n]{0,30}",
                r"ik kan alleen\b[^.?!\n]{0,60}",
                r"moeten (?:bellen|lezen)\b",
            ],
        ),
    ]
}
