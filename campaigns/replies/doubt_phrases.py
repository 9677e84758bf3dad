"""What people write when a person should look at it, as patterns over plain words. Data, no rules.

The words in braces stand for the lists below. ALWAYS counts in any answer, ELSE only in one that speaks of no
other thing (no visit, no plan, no parcel).
"""

from campaigns.replies.reasons import Reason

LISTS = {
    "no": "nao n num nunca naum nn nem",
    "us": "vc vcs voce voces ce ces tu senhor senhora senhores esse essa este esta isso isto ai dai",
    "firm": "clinica empresa loja corretora consultorio lugar pessoal gente pagina firma laboratorio",
    "number": "numero nmr telefone celular cel chip whats whatsapp zap contato fone linha aparelho",
    "kin": """filha filho esposa esposo marido mulher mae pai neta neto irma irmao sobrinha sobrinho genro nora cunhada
        cunhado viuva viuvo namorada namorado cuidadora cuidador avo vo tia tio sogra sogro mamae papai patroa""",
    "is": "e eh era pertence pertencia",
    "got": """conseguiu conseguiram arrumou arrumaram arranjou arranjaram pegou pegaram achou acharam tirou tiraram tem
        obteve obtiveram descobriu descobriram compraram comprou venderam vendeu vazou vazaram""",
    "data": "numero nmr telefone celular contato dados nome cadastro whats whatsapp zap",
    # Endings and words that are no name after "não sou".
    "notname": r"(?:de|muito|tao|contra|bem|mais|so|obrigad[ao]|capaz|daqui|eu|o|a|\w+ic[ao]|\w+ad[ao]|\w+ens[ao]|\w+nte|\w+os[ao]|\w+il|\w+iv[ao])\b",
    "mail": "mensagem mensagens msg msgs propaganda propagandas promocao promocoes lembrete lembretes aviso avisos",
}

ALWAYS: dict[Reason, str] = {
    Reason.DEATH: r"""
        (falec\w+|obito|velorio|enterr(o|ad[ao]|amos)|sepulta(do|da|mento|mos)|cremad[ao])
        (morreu|morreram|mort[ao]|passed away|died|deceased)
        {no} (esta|ta|esteja) mais (entre|com a gente|conosco)
        deus (ja )?(levou|chamou|recolheu)
        (partiu|descansou|foi|ta|esta) (pra|para|com|pro|junto de|morar com|no) (deus|o ceu|ceu|jesus|o senhor|o pai)
        ({kin}|ela|ele) (ja )?(descansou(?! (bem|bastante|um|a tarde|a noite))|partiu(?! (cedo|pr\w+ (o )?trabalho|de \w+|as \d))|se foi|nos deixou)
        (perdi|perdemos) ((o |a )?(meu|minha|nosso|nossa) ({kin})|ela|ele)
        (de|em) luto|virou (uma )?estrela
    """,
    Reason.THREAT: r"""
        (denunci\w+|procon|reclame aqui|reclameaqui|anatel|anpd|ministerio publico)
        (eu|vou|irei|vamos|vo|pretendo|senao|ou|que|te|mensagem|proxima) (te |lhe |ja |ter que |ter de )?(bloquear|bloqueio|bloquearei|reportar|reporto)
        (vou|irei|vamos|vo|pretendo|senao|ou|te) (te |lhe |ter que )?(processar|processo|processa)( ({us}|todo mundo|a {firm}|essa {firm}|todos))?$
        (processar|processo|acao) (em |contra |em cima de |a |n)?({us}|essa|a) ?({firm})?$
        (meter|abrir|mover|entrar com|da|vai dar|cabe) (um |uma )?(processo|acao)
        (acionar|aciono) (a |o )?(lgpd|justica|policia|procon)
        ser processad[ao]s?
        (bloquear|bloqueio|reportar|reporto|expor|exponho) ({us}|todos|como|a {firm})
        (vou|irei|vamos|ja) (dar|fazer|registrar|abrir|prestar|fiz|registrei|abri) (um |uma )?(bo|b o|boletim|ocorrencia|queixa|denuncia|reclamacao|block)|marcar como spam|block(ing)? you|report you|sue you|ja bloqueei
        ^(isso e )?(ja )?(spam|block|lgpd|report\w+|bloqueando|vou silenciar|(bloque|delet|exclu|apag)(ad[ao]s?|id[ao]s?|uei|ei|iei)|bloqueio|blocked)$
    """,
    Reason.OTHER_PERSON: r"""
        (minha|meu) ({kin}) (quer|pediu|pede|deseja|gostaria de) (\S+ ){{0,2}}(sair|parar)
        (tir|remov|exclu|retir)\w+ (a |o )?(minha|meu) ({kin}) (\S+ ){{0,2}}(da|dessa|desta) (lista|transmissao)
        ({number}|pessoa|mensagem|destinatario) (esta |ta |e |eh |foi )?(errad[ao]|trocad[ao]|engano|incorret[ao]|equivocad[ao])|wrong (number|person)
        ((essa|esta|tal) (pessoa|moca|senhora|mulher)|(esse|este|tal) (cara|rapaz|senhor|homem)) (ja )?{no} (e|eh|esta|ta|mora|trabalha|existe|usa|fica|atende)
        (por|um|e|eh|foi|ser|houve|algum) engano|^engano|engano$
        (mandou|mandaram|enviou|enviaram|ligou|ligaram|chamou|digitou|discou|falando) (\S+ ){{0,4}}errad[ao]
        err(ou|aram) (o |de |a )?({number}|pessoa)
        ({number}) (\S+ ){{0,3}}{no} (e|eh|pertence) (mais |a |o )?(d[aeo]s?|meu|minha|a|ao|dele|dela) ?
        {no} ({is}) mais (o |a |esse |este |meu )?({number} )?(d[aeo]s?|desse|deste|a|ao)
        {no} ({is}) (o |a |esse |este |meu )*({number}) (d[aeo]s?|dela|dele|\S+ mais)
        {no} ({is}) (meu|minha|o meu|a minha) ({number}|nome|agendamento|consulta|exame)|meu nome {no} (e|eh)
        {no} (e|eh) (meu|minha) (esse|essa|este|esta|nao)|{no} (e|eh) (aqui|ele|ela|eu|comigo)$
        {no} (sou|e|eh) (eu|ele|ela|essa pessoa|esse cara|mais eu)
        {no} (sou|e|eh) (o|a|nenhum|nenhuma|essa|esse) (?!(primeir|segund|terceir|ultim|mesm)[ao]\b|hora\b|vez\b)\S+
        {no} \S+ mais (n|d)?(esse|este|essa|esta) ({number}|linha)|({number}) (agora )?(e|eh) (minha|meu)$|({number}) d[aeo] \S+ (e|eh) (outro|diferente)
        {no} (sou|moro) (n|d)?(essa|esse|ai|daqui)|{no} fiz (o )?agendamento
        sou (o|a) \S+ nao (o|a)|meu nome e \S+ (e )?nao
        {no} (e|eh|era) (pra|para) (mim|esse {number}|este {number})|{no} (e|eh) comigo|{no} (e|eh) (meu|minha)$|{no} fui eu|(mudou|trocou) o ({number})
        {no} (esta|ta) mais (nesse|neste|com esse|com este|nessa) ({number}|linha)
        (vc|voce|vcs|voces|acho que) (se )?engan\w+
        {no} (tem|existe|mora|trabalha|ha|conhec\w+) (mais )?(ninguem|nenhum|nenhuma|\S+ nenhum[ao]$|\S+ nenhum[ao] aqui)
        aqui {no} (tem|existe|mora) \S+ (nenhum|nenhuma|nao)|{no} moro mais
        (pessoa|cliente|paciente|moca|rapaz) que (\S+ ){{0,2}}(procur\w+|quer\w*|busc\w+) {no}
        (falando|falou|falaram|fala|falam) com (a|o) ({kin}|pessoa errada|outra)
        {no} conhec\w+ (essa pessoa|esse (nome|cara|sujeito|rapaz|homem|medico|doutor)|essa (mulher|moca|senhora|tal|medica)|ele|ela|ninguem)
        (comprei|peguei|adquiri|ganhei|uso|estou com|to com) (esse|este|o|um|de|com|desse|deste)( novo)? ({number})
        (esse|este|desse|deste|o) ({number}) (agora |hoje |ja |aqui )?({is}|foi|mudou|trocou) (agora )?(d[aeo]s?|meu agora|a outr\w|de outr\w|outr\w|minha)
        (esse|este|aqui) (e|eh) o ({number}) d[aeo]|({number}) (da|do) (minha|meu) ({kin})
        (dona|dono) (nova |novo )?(d[aeo]|desse|deste) ({number})
        (ele|ela|eles|\S+) (ja )?{no} (usa|tem|utiliza|possui) mais|{no} (mora|usa) mais (aqui|esse|este|ess)
        (ele|ela|\S+) ja {no} (usa|tem|utiliza|possui) (esse|este)
        (ela|ele|\S+) (mudou|trocou) de ({number})$|(ela|ele) (mudou|trocou) de ({number})
        outra pessoa|ex (marido|mulher|namorad[ao]|esposa|esposo)|antig[ao] don[ao]
    """,
    Reason.UNKNOWN_SENDER: r"""
        (onde|como|aonde) (e que |eh que |foi que |que |q |{us} )*({got}) (\S+ ){{0,3}}({data})
        (compraram|venderam|vazaram|roubaram|passaram|deram|deu|passou) (o )?(meu|meus) ({data})
        {no} (te |os |lhe |vos |a |o )?conhec\w+( mais)?( nenhum| nenhuma)? (vc|vcs|voces?|esse$|essa$|(essa |esse |a |o )?{firm}|quem|d[eao])
        {no} (te |os |lhe )?conheco$|desconheco
        {no} (sei|faco ideia|to sabendo|estou sabendo) (\S+ ){{0,1}}(quem|do que|de que|de onde|o que e isso|nada disso|{us})|{no} (to |estou |tou )?reconhec\w+
        {no} (me |to |tou |estou )*(lembro|lembrando|recordo|recordando) (de|do|da|d|quem|{us}|$|nao|nada)
        ({data}) (\S+ ){{0,2}}(em|n[ao]) (que|qual) (lista|cadastro|grupo|sistema|banco)
        {no} faco (mais )?parte( d\w+)?$|(sai|desliguei|fui demitid[ao]) d[ao] ({firm})
        (isso|isto|aqui|e|eh) (e |eh )?(\S+ )?automatic[ao]$
        ^quem (marcou|agendou|solicitou)|{no} ouvi falar|{no} (fui|sou) atendid[ao] (por|ai)|{no} (sou|somos) dai
        {no} (sou|fui|era) (mais )?(client\w|paciente|alun[ao]|soci[ao]|segurad[ao])
        {no} (fui|estive|pisei|entrei|passei) (\S+ )?(ai|nessa|nesse|nesta|neste|voces|vcs|client\w|paciente)
        {no} (me )?(marquei|agendei|cadastrei|inscrevi|solicitei|pedi|fiz|contratei|comprei|consultei|assinei|tive|tenho) (\S+ )?(ai|aqui|nada|isso|nenhum|nenhuma|\S+ nenhum[ao]|cadastro|conta|vinculo|inscricao|com vcs|com voces|plano com|nada com)
        {no} (me )?(cadastrei|inscrevi)
        {no} (dei|passei|forneci|informei) (o )?(meu|meus) ({data})
        (que|qual|de que) ({firm}|grupo|lista) (e|eh|seria|sao|fala)|(de |da )?(que|qual) ({firm})$
        (de onde|donde) (e|eh|sao|fala|falam|vem|seria|vcs|voces|vc|voce|isso|essa)
        (isso|isto|aqui|e|eh|sera|cara|cheiro|deve ser) ((e|eh|que|um|de|algum|algo|so) ){{0,3}}(golpe|fraude|trote|virus|fake|hacker|estelionato|mentira|pegadinha|robo|bot|spam)
        golpe$|^golpe|golpistas?|trote$|(parece|parecendo|cara de|cheiro de|so pode ser|desconfio) (\S+ )?(golpe|fraude|trote|virus|robo|spam|mentira)
        (o que|q) (e|eh) (isso|isto)|(isso|isto) (aqui )?(e|eh) (o que|q|propaganda|verdade|serio|real|oficial)|que ({number}) (e|eh)|sobre o que (e|eh)
        pegaram (o )?(meu|meus) ({data})|(mensagem|isso|numero|link) (e |eh |muito |bem |meio )*(suspeit[ao]|estranh[ao]|esquisit[ao])
        (e|eh) (confiavel|seguro isso|serio isso|de confianca|verdade isso)|qual (e |eh )?o nome (de {us}|da {firm}|do {firm})|(empresa|isso|clinica) existe
        (do que|sobre o que|de que|q) (se trata|trata|e isso|seria isso)|o que (e|eh|seria) (isso|isto|essa mensagem)|^q(ue)? (e )?isso$
        who (is|are) (this|you)|who this|dont know (you|who)
    """,
    Reason.COMPLAINT: r"""
        (toda hora|todo dia|todo santo dia|o dia todo|o tempo todo|direto) (\S+ ){{0,2}}({mail}|isso|essa|esse|essas|esses)
        (continuo|continua|continuam|ainda) (\S+ )?(recebendo|mandando|enviando|chegando|insistindo)
        (muita|muitas|tanta|tantas|demais|excesso de|menos) ({mail})|({mail}) demais|({mail}) (todo dia|toda hora|o dia todo|direto)|mandam? (muit|tant)[ao] coisa
        (odeio|detesto|aguento|suporto|cansad[ao]|cansei|fart[ao]|enjoei|nojo|raiva) (\S+ ){{0,3}}({mail}|spam|{us})
        (parei|acabou|terminei|encerrei) com (vcs|voces|isso)
        ({us}) {no} (se )?(cansam?|desistem?|tem vergonha|tem o que fazer|tem nada)|^(ja )?deu( ne| ja| gente| disso| pra mim)*$
        {no} vou (querer|precisar)( mais| isso| nao| nada)*$|ja (resolvi|comprei|contratei|fechei|fiz|troquei) (\S+ )?(em|com|n[ao]) outr[ao]
        passou (do|dos|de todos os) limites?|passaram (do|dos) limites?|toda (semana|manha|noite|tarde) (isso|a mesma|de novo|uma)|(a )?mesma (coisa|historia|mensagem) (sempre|de novo|tod[ao]|de sempre)
        {no} (uso|utilizo|frequento) mais( isso| ai| nada)?$|{no} faz sentido( pra mim| para mim| isso| pra nos| {us})*$
        ^ate quando( isso| vcs| voces)?$|ate quando (isso|vcs|voces|vou receber|vao)
        (novamente|outra) (isso|essa)|(isso|essa|vcs|voces) novamente|^(novamente|outra|ja deu|ja chega|agora chega|chega|basta)$
        (pedi|falei|disse|avisei|solicitei) (isso|tantas|varias|mil|mais de|\d|um monte)
        (mandar|manda|mande|mandem|enviem|quero|receber) (so|somente|apenas) (\S+ ){{0,3}}({mail})
        (manda|mande|mandem|mandar|envi\w+) (so|somente|apenas)
        (so|somente|apenas) (\S+ )?(quero|mandem|mande|manda|enviem|envie|aceito|mandar) (\S+ ){{0,3}}({mail})
        (sem|zero|nenhum|menor|pouco) interesse|interesse nenhum|({mail}) (so|somente|apenas)|(nao|n|nem) (me )?interessa|nao faco questao
        insistencia|insistentes?
    """,
    Reason.ANGER: r"""
        vtnc|vsf|vtmnc|fdp|tomar no cu|[fpcm]\*\w{{2,8}}|filh[ao]s? da puta|puta que pariu|pqp
        (vai|vao|va|vc vai) (se |pra |pro |para o |a )?(f\W?d\w*|foder|fuder|ferrar|plantar|pastar|cagar|inferno|puta|merda|caralho|catar|lascar|danar|ver se|encher|trabalhar$|procurar o que)
        (deixa|deixe|deixem|deixar) (\S+ )?(em paz|quiet[ao]|sossegad[ao])|leave me alone
        (larga|larguem|largue|solta|sai|saiam) (\S+ )?(do meu pe|meu pe|d[ao] minha cola|do meu zap)
        me esquec[ea]m?|esquec[ea]m? (de )?(mim|que eu existo|meu {number}|nos|eu)
        ^(some|suma|sumam|vaza|vazem|xo|xispa|sai|saiam)( daqui| fora| dai)?$|^me (deixa|deixe|deixem)$|(some|suma|sumam) d[aeo]|sai fora|(to|tou|estou|o) fora(?! d[aeo])
        (enche|encher|torra|torrar) (o|meu) saco|me poupe|me respeit\w+|me erra|larga de mim|quero paz|deus me livre|sai pra la
    """,
}

ELSE: dict[Reason, str] = {
    Reason.THREAT: r"""
        (meu|minha|com|um|uma|ao|nosso|chamar|acionar)( o| a)? advogad[ao]|na justica|judicial(mente)?|medidas? (cabiveis|legais)
        providencias|danos morais|policia|delegacia|crime|assedio|ilegal|lgpd|silenciar|(dar|fazer|registrar|abrir) (um |uma )?(bo|b o|block)|importunacao|lawyer|boletim de ocorrencia
        (vou|irei|vamos|vo|te) (te |lhe )?(processar|processo)
    """,
    Reason.OTHER_PERSON: r"""
        {no} (sou|me chamo) (?!{notname})\w{{3,}}|me chamo \S+$|^(?!.*(meu|minha|cadastro|data)).*errad[ao]|engan(o|ou|ad[ao])
        aqui (e|eh) (da|do|uma|um) \S+|esse {number} (e|eh) \S+
        aqui (quem fala )?(e|eh|quem fala e) (a |o |da )?({kin})|(sou|fala) (a |o )?({kin}) (d[aeo]|dela|dele)|^(e|eh) (a|o) ({kin}) (d[aeo]|dela|dele)
    """,
    Reason.UNKNOWN_SENDER: r"""
        quem(?! (vai|atende|faz|cuida|leva|entrega|abre|opera|estara|esta de))( \S+){{0,7}}$|conhec\w+|(de|da) onde
        {no} (me )?(marquei|agendei)
        {no} (tem|ha|existe) \w+ aqui$|^aqui {no} (tem|ha|existe|mora) \w+$
    """,
    Reason.UNCLEAR: r"""
        d(a|essa|esta|aquela) (lista|transmissao)
    """,
    Reason.ANGER: r"""
        merda|bosta|porra|caralho|krl|karalho|cacete|desgrac\w+|inferno|infernal|diabos?|capeta|puta|puto|foda(se)?|fuck\w*|shit|bullshit
        arrombad[ao]s?|otari[ao]s?|idiotas?|imbeci[ls]|imbecis|palhac\w+|vagabund[ao]s?|lixo|nojo|nojent[ao]s?|ridicul[ao]s?|babacas?|trouxas?
        absurdo|vergonha|vergonhos[ao]|tomar vergonha na cara|desrespeito|falta de (respeito|vergonha|educacao|etica|nocao)|sem nocao|saco|chat[ao]s?|chatice|chateacao
        insuporta\w+|inconvenientes?|abus(o|ad[ao]s?|iv[ao]s?)|indignad[ao]|irrita\w+|annoying|que raiva|odeio|encheca?o|encheu|enchendo|enche$|enchem$|brincadeira isso|brincadeira ne
        aff*e?|droga|odio|raiva|desocupad[ao]s?|ninguem merece|haja paciencia|paciencia tem|incomod(a|am|ando)|perturb(a|am|ando|acao)|importun\w+|{no} aguento|saturad[ao]|cansei|pelo amor de deus
    """,
}

GLAD = r"""
    top|amei|adorei|amo|adoro|bonit[ao]|lind[ao]|barat[ao]|maravilhos[ao]|otim[ao]|boa|bom|show|legal|delicia|kk+|haha\w*|rs+|parabens
    perfeit[ao]|incrivel|gosto
"""
UNHURT = r"""
    (morr(eu|i|endo|o)|mort[ao]) de (rir|medo|vontade|dor|fome|cansad[ao]|cansaco|saudade|saudades|ansiedade|calor|frio|vergonha|curiosidade|sono|amores)
    (bateria|celular|carro|motor|telefone|chip|planta|assunto|dente|internet|cachorr\w+|gat\w+|peixe|passarinho) (\S+ ){{0,2}}morreu
    (dente|peso|ponto|volume|tecido|pele|horario) mort[ao]
"""
REGRET = r"""
    mud\w{{2,4}} de (ideia|opiniao)|arrependi\w{{0,3}}|pedi (pra|para) (sair|parar)|voltei atras|pensei melhor
    (sair|sai|parar|cancel\w+|stop|clicar|cliquei|apertei|foi|desconsider\w+) (\S+ ){{0,4}}(sem querer|por engano|sair|parar)
"""
# The stop word was theirs, and meant otherwise.
SLIP = r"""
    (mandei|escrevi|digitei|enviei|apertei|cliquei|respondi) (\S+ ){{0,4}}(sem querer|por engano|errado)
"""
FURIOUS = "😡😤🤬🖕😠👿💢👎🛑🚫⛔❌✋🔇"
