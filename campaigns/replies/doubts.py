"""Answers that a person has to look at: who are you, somebody else's number, a death, a threat, anger."""

import re

from campaigns.replies.reasons import Reason

_US = r"(?:vc|vcs|voce|voces|ce|ces|tu|senhor|senhora|esse|essa|isso|ai|dai)"
_OUR_PLACE = r"(?:clinica|empresa|loja|corretora|consultorio|lugar|numero|pessoal|gente)"
_NEG = r"(?:nao|n|num|nunca|naum|nn)"
_NUMBER = r"(?:numero|telefone|celular|cel|chip|whats|whatsapp|zap|contato|fone|linha)"
_KIN = r"(?:filh[ao]|espos[ao]|marido|mulher|mae|pai|net[ao]|irma|irmao|sobrinh[ao]|genro|nora|cunhad[ao]|viuv[ao]|namorad[ao]|secretari[ao]|cuidadora)"

_DOUBTS: dict[Reason, tuple[str, ...]] = {
    Reason.DEATH: (
        r"\b(?:faleceu|falecid[ao]|falecimento|faleceram|obito|velorio|enterro|sepultamento|enterrad[ao]|enterramos|sepultad[ao]|cremad[ao])\b",
        r"\b(?:morreu|morreram|morto|morta|passed away|died|deceased)\b",
        r"\b(?:nao esta|n esta|nao ta) mais (?:entre|com|conosco|aqui entre)\b",
        r"\bdeus (?:levou|chamou|recolheu)\b|\b(?:partiu|descansou|foi) (?:pra|para|com|pro|junto de|morar com) (?:deus|o ceu|ceu|jesus|o senhor)\b",
        r"\b(?:mae|pai|esposo|marido|esposa|avo|vo|tia|tio|irma|irmao|filho|filha|ela|ele|sogra|sogro) (?:ja )?(?:descansou|partiu|se foi|nos deixou)\b",
        r"\b(?:esta|ta) no ceu\b|\bde luto\b|\bem luto\b|\bno ceu (?:agora|ja)\b|\bvirou estrela",
    ),
    Reason.THREAT: (
        rf"\b(?:processar|processarei|processo|denunciar|denuncio|denunciarei|acionar|aciono|bloquear|bloqueio|bloquearei|reportar|reporto|expor|exponho)(?: todos?)?(?: (?:a|o|as|os))? (?:{_US}|empresa|clinica|numero|contato|lei|justica|procon|anatel|como)\b",
        r"\b(?:eu|vou|irei|vamos|vo|pretendo|sou obrigad[ao] a|senao|ou|que) (?:te |lhe |ter que |ter de |logo |ja )?(?:bloquear|bloqueio|denunciar|denuncio|processar|processo|reportar|reporto|expor)\b",
        r"\bdenuncia\b|\bdenunciar\b|\bdenuncio\b|\bdenunciad[ao]s?\b|\bprocon\b|\breclame aqui\b|\breclameaqui\b|\banatel\b|\banpd\b|\bministerio publico\b",
        r"\b(?:meu|minha|com|com o|com a|um|uma|ao|a|nosso) advogad[ao]\b|\bna justica\b|\bjudicial(?:mente)?\b|\bmedidas? (?:cabiveis|legais)\b|\bprovidencias\b|\bdanos morais\b",
        r"\b(?:chamar|chamo|vou na|dar parte|queixa na|ir na|caso de|a) (?:a )?(?:policia|delegacia)\b|\bcrime\b|\bassedio\b|\bimportunacao\b",
        r"^\W*(?:isso (?:e|eh) )?(?:ja )?(?:spam|(?:bloque|delet|exclu|apag)(?:ad[ao]s?|id[ao]s?|uei|ei|iei)|bloque(?:ei|io)|blocked)\W*$|\bmarcar como spam\b|\b(?:isso|isto) (?:e|eh) spam\b|\bja bloqueei\b|\bblock(?:ing)? you\b|\breport you\b|\bsue you\b|\blawyer\b",
    ),
    Reason.OTHER_PERSON: (
        rf"\b{_NUMBER} (?:esta |ta |e |eh )?(?:errad[ao]|trocad[ao]|engano)\b|\b(?:por|um|e|eh|foi|deve ser|ser|houve|algum) engano\b|^engano\b|\bengano\s*$|\bpessoa errada\b|\berr(?:ou|aram) (?:o |de |de novo o )?{_NUMBER}\b|\bwrong (?:number|person)\b",
        rf"\b(?:mandou|mandaram|mandando|enviou|enviaram|ligou|ligaram|falando) (?:a mensagem |msg |mensagem )?(?:pra|para|pro|com|com a) (?:a |o )?(?:pessoa|{_NUMBER}) errad[ao]",
        rf"\b{_NUMBER} (?:\S+ ){{0,3}}{_NEG} (?:e|eh|pertence|sou) (?:mais |a |o )?(?:d[aeo]s?\b|meu|minha|a\b|o\b|ao?\b|essa|esse|ess)",
        rf"\b{_NEG} (?:e|eh|pertence) mais (?:(?:o|a|esse|este|meu) )?(?:{_NUMBER} )?(?:d[aeo]s?|a|ao)\b|\b{_NEG} (?:e|eh) (?:o |a )?(?:{_NUMBER}) (?:d[aeo]|dela|dele|dessa|desse)\b",
        rf"\b{_NEG} (?:e|eh) (?:o |a )?meu (?:{_NUMBER}|nome)\b|\bmeu nome {_NEG} (?:e|eh)\b",
        rf"\b{_NEG} (?:sou|e|eh|chamo|me chamo) (?:eu |mais )?(?:o|a|essa|esse|ess|este|esta|ele|ela|nenhum|nenhuma) \S",
        rf"\b{_NEG} (?:tem|existe|mora|trabalha|ha) (?:mais )?(?:ninguem|nenhum|nenhuma)\b",
        rf"\b{_NEG} conhec\w{{1,4}} (?:nenhum|nenhuma|ninguem|essa pessoa|esse (?:nome|cara|sujeito|rapaz|homem)|essa (?:mulher|moca|senhora|tal)|(?:o|a) \S+|ele|ela)\b",
        rf"\b(?:comprei|peguei|troquei|adquiri|ganhei|tenho|uso|estou com) (?:esse|este|o|um|de|com esse|desse|deste)(?: novo)? (?:{_NUMBER})\b(?: (?:faz|ha|agora|tem|novo|semana|mes|ontem|recente))?",
        rf"\b(?:esse|este|desse|deste|o) {_NUMBER} (?:agora |hoje |ja |aqui )?(?:e|eh|era|pertence|foi|mudou|trocou|pertencia)(?: agora)? (?:d[aeo]s?\b|meu agora|a outr|de outr|minha|para outr|outr)",
        rf"\b(?:ele|ela|el[ae]s|\S+) (?:ja )?(?:{_NEG}) (?:usa|tem|utiliza|atende|possui|mora|trabalha|fica|esta|ta)\b(?: \S+){{0,1}} mais\b|\b{_NEG} (?:mora|trabalha|usa|atende) mais\b",
        rf"\b(?:mudou|trocou) de (?:{_NUMBER})\b|\b(?:outra pessoa|ex (?:marido|mulher|namorad[ao])|antig[ao] don[ao])\b",
        rf"\b{_NUMBER} (?:da|do) (?:minha|meu) {_KIN}\b|\besse (?:e|eh) o {_NUMBER} d[aeo]\b",
    ),
    Reason.UNKNOWN_SENDER: (
        rf"^\W*quem\W*$|\bcom quem (?:eu )?(?:falo|estou falando|to falando|tou falando)|\bquem (?:deu|autorizou|permitiu)\b|\bquem (?:e|eh|fala|ta|esta|sao|ser|seria|q)\b(?: {_US})?(?= (?:{_US}|que|q|fala|ta|esta|falando|por|mesmo|e|pode)\b| ?[?.!]|\s*$)",
        rf"\b(?:quem|onde|como|aonde) (?:que |e que |eh que |foi que |q |{_US} )*(?:te |lhe |me |voces |vcs )?(?:deu|passou|forneceu|conseguiu|conseguiram|conseguiro|consegui|arrumou|arrumaram|arranjou|arranjaram|pegou|pegaram|achou|acharam|tem|tirou|tiraram|obteve|obtiveram|descobriu|descobriram|autorizou)\b(?: \S+){{0,4}} (?:{_NUMBER}|dados|nome|cadastro)\b",
        rf"\b(?:{_NEG}) (?:\S+ )?(?:conheco|conhece|conhecemos|conheci) (?:\S+ )?(?:{_US}|{_OUR_PLACE}|d[eao]s?|quem)\b|\b(?:{_NEG}) (?:te |os |lhe |vos )?conheco\b|\bdesconheco\b",
        rf"\b(?:{_NEG}) (?:sei|faco ideia|lembro|me lembro|to sabendo|estou sabendo|reconheco) (?:\S+ ){{0,2}}(?:quem|do que|de que|o que|que|nada disso|{_US})\b|\b{_NEG} (?:reconheco|lembro de)\b",
        rf"\b(?:{_NEG}) (?:sou|fui|era) (?:mais )?(?:client\w|paciente|alun[ao]|soci[ao]|segurad[ao])\b",
        rf"\b(?:{_NEG}) (?:me )?(?:marquei|agendei|cadastrei|inscrevi|solicitei|pedi|fiz|contratei|comprei|consultei|assinei|dei|passei|forneci|fui|estive|pisei|tive|tenho)(?: \S+)? (?:nada|nenhum|nenhuma|cadastro|consulta|exame|meu|contrato|seguro|isso|ai|nessa|nesse|com|conta|vinculo|inscricao|plano|vcs|voces|compra|pedido)\b",
        rf"\b(?:{_NEG}) (?:me )?(?:cadastrei|inscrevi|agendei|marquei)\b",
        rf"\bque (?:clinica|empresa|loja|corretora|numero|lugar|pessoal|grupo|lista|medico|consultorio) (?:e|eh|seria|q e)\b|\b(?:de onde|donde) (?:e|eh|sao|fala|falam|vem|{_US}|voces|vcs)\b|\bqual (?:empresa|clinica) (?:e|eh|fala)\b",
        r"\b(?:isso|isto|aqui|e|eh|sera|cheiro|cara) (?:(?:e|eh|que|um|de|algum|algo) ){0,3}(?:golpe|fraude|trote|virus|fake|hacker|golpista|estelionato)\b|\bgolpe\b ?\?|\bgolpe\s*$|^golpe\b|\bgolpistas?\b|\btrote\b",
        rf"\b(?:do que|sobre o que|q|que) (?:se trata|trata|e isso|seria isso)\b|\bo que (?:e|eh|seria) (?:isso|isto)\b|\bq isso\b ?\?|^que isso\b|\bq e isso\b",
        r"\bwho (?:is|are) (?:this|you)\b|\bwho this\b|\bi dont know you\b|\bdont know (?:you|who)\b|\b(?:e|eh|isso e) (?:um )?(?:robo|bot|spam)\b",
    ),
    Reason.COMPLAINT: (
        r"^\W*(?:ja deu|ja chega|ta bom ja)\W*$|\bja (?:pedi|falei|disse|avisei|solicitei) (?:isso|tantas|varias|mil|mais de|\d)",
        rf"\b(?:deixa|deixe|deixem|deixar|larga|largue|larguem|solta) (?:\S+ )?(?:em paz|do meu pe|o meu pe|meu pe|quiet[ao]|sossegad[ao])\b|\bleave me alone\b",
        r"\b(?:me|mim) esquec[ea]m?\b|\besquec[ea]m? (?:de )?(?:mim|que eu existo|eu|meu numero|nois|nos)\b|\b(?:some|sumam?|vaza|vazem|sai fora|xo|xispa)\b|\bto fora\b|\bestou fora\b|\btou fora\b",
        r"\b(?:toda hora|todo dia|todo santo dia|o dia todo|direto|sempre) (?:\S+ ){0,2}(?:mensagem|mensagens|msg|msgs|propaganda|propagandas|isso|essa|esse|essas|esses)\b",
        r"\b(?:continuo|continua|continuam|ainda) (?:\S+ )?(?:recebendo|mandando|enviando|chegando|insistindo)\b|\b(?:muita|muitas|tanta|tantas|demais|excesso de|menos) (?:mensagem|mensagens|msg|msgs|propaganda|propagandas)\b",
        r"\bate quando\b|\b(?:mensagem|mensagens|msg|msgs|propaganda) demais\b|\b(?:odeio|detesto|aguento|suporto|saco cheio|cansad[ao]|cansei|farta|farto|enjoei) (?:\S+ ){0,3}(?:mensagem|mensagens|msg|msgs|propaganda|propagandas|spam|voces|vcs|disso|isso)\b",
        r"\bde novo isso\b|\bnovamente isso\b|\b(?:isso|essa|voces|vcs) (?:novamente)\b|^(?:novamente|outra)\b ?[?!]|\binsistencia\b|\binsistentes?\b|\binsistindo\b",
        rf"\b(?:sem|zero|nenhum) interesse\b|\b(?:nao|n) (?:me )?interessa\b|\bnao obrigad[ao] nao quero\b",
    ),
}
# Who writes for somebody else and about a visit is no stranger.
_FOR_SOMEBODY = re.compile(
    rf"\baqui (?:quem fala )?(?:e|eh|quem fala e) (?:a |o |da )?(?:{_KIN})\b|\b(?:sou|e|eh|fala) (?:a |o )?(?:{_KIN}) (?:d[aeo]|dela|dele)\b"
)
_PATTERNS = [(reason, re.compile("|".join(each))) for reason, each in _DOUBTS.items()]

_HARSH = re.compile(
    r"\b(?:merda|bosta|porra|caralho|krl|karalho|cacete|desgraca|desgracad[ao]s?|inferno|infernal|diabos?|capeta|puta|puto|pqp|vtnc|vsf|vtmnc|fdp|foder|fodase|foda|fuder|"
    r"arrombad[ao]s?|otari[ao]s?|idiotas?|imbecil|imbecis|palhac[ao]s?|palhacada|vagabund[ao]s?|lixo|nojo|nojent[ao]s?|ridicul[ao]s?|"
    r"absurdo|vergonha|vergonhoso|desrespeito|falta de (?:respeito|vergonha|educacao|etica)|saco|chat[ao]s?|chatice|insuportavel|insuportaveis|inconvenientes?|"
    r"abus[ao]d?[ao]?s?|abuso|indignad[ao]|irritad[ao]|irritante|put[ao] da vida|pelo amor de deus|pela misericordia|tomar no cu|cu|encheu|saturad[ao]|chega|basta|cansei|"
    r"fuck|fucking|shit|bullshit|annoying|que raiva|odeio|afe maria|aff+|affe|ninguem merece|haja paciencia|paciencia|incomoda|incomodando|incomodam|perturbando|perturba|enchendo|importunando)\b"
)
_INSULT = re.compile(r"\b(?:vtnc|vsf|vtmnc|fdp|tomar no cu|v(?:ai|ao|a) (?:se |pra |pro |para |a )?(?:f\W?d\w{0,3}|foder|fuder|inferno|puta|merda|caralho|catar|lascar|danar)|(?:f|p|c|m)\*\w{2,8})\b")
_FURIOUS = re.compile("[😡🤬🖕😠👿💢👎🛑🚫⛔✋🔇]")
_GLAD = re.compile(
    r"\b(?:top|amei|adorei|amo|adoro|bonit[ao]|lind[ao]|barat[ao]|maravilhos[ao]|otim[ao]|boa|bom|show|legal|delicia|kk+|haha\w*|rs+|parabens|perfeit[ao]|incrivel)\b"
)
_UNHURT = re.compile(
    r"\bmorr(?:eu|i|endo|o) de (?:rir|medo|vontade|dor|fome|saudade|saudades|ansiedade|calor|frio|vergonha|curiosidade)\b|"
    r"\b(?:bateria|celular|carro|motor|telefone|chip|planta|assunto|dente|internet|cachorr\w+|gat\w+|peixe|passarinho) (?:\S+ )?morreu\b|\b(?:dente|peso|ponto|volume|tecido|pele) mort[ao]\b"
)


def doubt(text: str, *, about_others: bool) -> Reason | None:
    """Why a person should look at this plain text, or None; the gravest reason first.

    Anger and a name put in another's place count only in a text that isn't about some other thing.
    """
    said = _UNHURT.sub(" ", text)
    for reason, pattern in _PATTERNS:
        if pattern.search(said):
            return reason
    if _INSULT.search(said):
        return Reason.ANGER
    if about_others:
        return None
    if _FOR_SOMEBODY.search(said):
        return Reason.OTHER_PERSON
    harsh = _HARSH.search(said) or _FURIOUS.search(said)
    return Reason.ANGER if harsh and not _GLAD.search(said) else None


_REGRET = re.compile(r"\b(?:mud\w{2,4} de (?:ideia|opiniao)|arrependi\w{0,3}|sem querer|voltei atras|por engano|pensei melhor)\b")


def regrets(text: str) -> bool:
    """Whether somebody takes back what they asked before."""
    return bool(_REGRET.search(text))
