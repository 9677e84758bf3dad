"""The words of answers by what they are about, unaccented, nouns in the singular. Data, no rules."""

from enum import StrEnum


class Kind(StrEnum):
    """What a word is about; one word may be about several things."""

    # What is wished, or not.
    NOT = "not"
    WISH = "wish"
    ALLOW = "allow"
    ABLE = "able"  # "consigo": a person who tries
    OWN = "own"  # "posso", "vou": what the person does, no wish about us
    REFUSE = "refuse"  # "dispenso", "chega de": a negated wish in one word
    ENOUGH = "enough"  # "chega": the same, but only before "de"
    # What is done.
    REMOVE = "remove"
    UNLIST = "unlist"  # "descadastrar": needs no object
    LEAVE = "leave"
    CANCEL = "cancel"
    CEASE = "cease"
    SEND = "send"
    BOTHER = "bother"
    RECEIVE = "receive"
    USE = "use"
    BACK = "back"
    ENROL = "enrol"
    CALL = "call"
    DEED = "deed"  # anything else that people do
    # With what.
    MESSAGE = "message"  # what we send
    CHANNEL = "channel"  # a way on which it comes: "por zap"
    ME = "me"  # the writer's place with us: list, number, data
    MYSELF = "myself"
    HERE = "here"
    VAGUE = "vague"
    OTHER = "other"  # anything else that businesses and people speak of
    PERSON = "person"  # the writer's people
    # When and how.
    AGAIN = "again"
    CLOCK = "clock"
    DAY = "day"
    PAUSE = "pause"  # only now, only at night
    COMPLAINT = "complaint"
    TURN = "turn"  # begins another thought
    # Around the word that counts.
    POLITE = "polite"
    FILLER = "filler"
    HOW = "how"


WORDS: dict[Kind, str] = {
    Kind.NOT: "nao naum num n nn nunca jamais nem not dont never",
    Kind.WISH: """quero qro kero qr quer querendo queria queremos querem queira quis desejo deseja desejamos desejaria gostaria
        gosto pretendo precisa precisam precisava preciso necessito carece carecia interesse interessa interessado interessada
        afim aceito aceitei curto want need wanna quiero""",
    Kind.ALLOW: """autorizo autorizei autorizamos autorizou permito permiti permitimos consinto consenti concordo concordei
        concordamos permissao consentimento autorizacao liberei consent""",
    Kind.ABLE: "consigo consegui conseguimos conseguindo",
    Kind.OWN: "posso pude podia vou vamos ia irei sei to tou estou tava estava estamos da deu dava tenho acabei dei dou demos tem ha houve can",
    Kind.REFUSE: """dispenso dispensamos recuso recusamos rejeito revogo revogamos revogar revoga desisto desisti desistimos
        proibo dispensar recusar""",
    Kind.ENOUGH: "chega basta cansei cansada cansado farta farto sem nada",
    Kind.MESSAGE: """mensagem mensage mensagi mensajem msg mgs sms mens mensagenzinha mensaginha torpedo propaganda promocao promo
        oferta anuncio publicidade aviso lembrete notificacao divulgacao novidade informativo newsletter spam marketing
        disparo comunicado comunicacao conteudo corrente recado textao informacao informe convite catalogo
        pesquisa campanha transmissao envio recebimento zap wpp whats whatsapp email mail message text mensaje promotion ad""",
    Kind.CHANNEL: "zap wpp whats whatsapp email mail sms celular telefone numero cel fone",
    Kind.ME: """lista listinha cadastro inscricao assinatura contato numero nmr fone telefone celular cel nome dado grupo
        mailing base cliente paciente sistema agenda registro list data number autorizacao permissao consentimento""",
    Kind.MYSELF: "me eu mim nos comigo myself",
    Kind.HERE: "aqui dai daqui disso disto disse desse dessa desta deste nisso",
    Kind.VAGUE: "isso isto nada nd coisa negocio trem troco tudo parada bagulho aquilo essa esse",
    Kind.AGAIN: "novamente denovo again outra volta",
    Kind.CLOCK: "cedo tarde hora hrs hr meia minutinho minuto pouco",
    Kind.DAY: """hoje amanha segunda terca quarta quinta sexta sabado domingo manha semana mes dia feriado depois
        janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro carnaval natal""",
    Kind.PAUSE: "antes apos durante expediente hoje agora noite madrugada mes domingo sabado feriado enquanto horario tarde cedo manha semana",
    Kind.COMPLAINT: """pedi pedimos falei falamos disse avisei avisamos solicitei solicitamos mandei respondi escrevi digitei enviei
        reclamei implorei peco vez ainda continua continuo continuam vezes enesima""",
    Kind.TURN: "mas porem porque pois pq porq senao prefiro but because caso so somente apenas exceto",
    Kind.HOW: "como faco faz fazer consigo onde clico qual forma maneira jeito how saber",
    Kind.POLITE: """oi oie ola opa alo eai hello hi hey bom boa dia tarde noite blz beleza por favor fvr pf pfv pfvr pfr plis
        please gentileza obrigado obrigada obg obgd obgda brigado brigada brigadinha brigadao obrigadinha
        obrigadao vlw valeu grato grata gratidao agradeco agradecida agradecido desde atenciosamente att abraco abs bj beijo
        beijinho senhor senhora sr sra moca moco querida querido amor amiga amigo flor filha filho gente pessoal galera
        doutor doutora dr dra vc vcs voce voces ce ces vossa tchau deus com licenca desculpa desculpe perdao
        prezado prezada equipe thanks thank you tks thx meu minha bem viu ta ok okay oks certo
        cordialmente gentilmente encarecidamente abencoe abencoa favorzinho anjo mano cara bicho tche uai oxe oxente ne hein kkk rs haha hehe""",
    Kind.FILLER: """eu quero queria gostaria desejo preciso kero qro de do da dos das me mim nos a o os as ao e em um uma
        aqui ai agora ja urgente imediatamente mesmo apenas so entao logo pode podem poderia poderiam pra para pro
        que rapido mais posso poderia desta deste dessa desse disso daqui dai now i want to wanna q opcao resposta responder respondo digito digitar comando palavra sim all ser""",
}

# Nouns and words of other languages that ask like a verb.
ASKING: dict[Kind, str] = {
    Kind.REMOVE: "remocao exclusao retirada eliminacao baixa remove delete",
    Kind.UNLIST: "descadastro descadastramento desinscricao unsubscribe",
    Kind.CANCEL: "cancelamento cancel",
    Kind.CEASE: "suspensao interrupcao stop",
    Kind.SEND: "send sending messaging contact texting",
    Kind.RECEIVE: "receive receiving recibir",
}

# Infinitives; their forms are made in verbs.
VERBS: dict[Kind, str] = {
    Kind.REMOVE: """remover retirar tirar excluir apagar deletar eliminar bloquear desligar desvincular desativar riscar
        descartar limpar arredar arrancar sacar""",
    Kind.UNLIST: "descadastrar desinscrever descredenciar",
    Kind.LEAVE: "sair",
    Kind.CANCEL: "cancelar",
    Kind.CEASE: "parar cessar encerrar suspender interromper deixar evitar",
    Kind.SEND: """mandar enviar encaminhar disparar postar escrever contatar contactar procurar chamar divulgar notificar
        avisar lembrar convidar oferecer spamear""",
    Kind.BOTHER: """incomodar perturbar importunar encher amolar atazanar aperrear torrar aporrinhar chatear azucrinar
        aborrecer insistir entupir lotar atormentar""",
    Kind.RECEIVE: "receber",
    Kind.USE: "usar utilizar guardar armazenar compartilhar repassar vender",
    Kind.BACK: "voltar retornar regressar",
    Kind.CALL: "ligar telefonar",
    Kind.ENROL: "incluir inscrever cadastrar adicionar colocar recolocar reativar botar por recadastrar reincluir reinscrever readicionar",
}

# The verbs with which somebody leaves.
LEAVING = (Kind.CEASE, Kind.REMOVE, Kind.UNLIST, Kind.LEAVE, Kind.CANCEL)
# Words that are no object of a verb.
_SMALL = """
a o as os ao um uma e ou de do da dos das em no na nos nas por pelo pela pelos pelas pra para pro com
que se eu me mim te lhe lhes nenhum nenhuma nenhuns mais nem mesmo tipo este esta estas estes esse
essa esses essas dessa desse dessas desses deste desta destes destas aquela aquele meu minha meus
minhas seu sua seus suas nosso nossa voces vcs voce vc ce ces ele ela eles elas aqui ai la dai
daqui ja agora sim nao ta viu tao tanta tanto tantas tantos qualquer outro outra toda todo todas
todos tal via ser sejam seja estar ficar ficando ter logo ate so urgente favor q tempo to the any
your more my me from please of
"""
SMALL = frozenset(_SMALL.split())
# With these another thought begins.
_BREAKS = """
eu ta viu obrigado obrigada obg brigada brigado tchau hein
"""
BREAKS = frozenset(_BREAKS.split())
# Before a channel they make it the way, not the thing: "receber pelo zap".
_TOOLS = """
por pelo pela no na em via neste nesse desse
"""
TOOLS = frozenset(_TOOLS.split())
# Between a list and what it is of.
_AFTER_A_LIST = """
de do da dos das para pra pro no na dele dela
"""
AFTER_A_LIST = frozenset(_AFTER_A_LIST.split())
