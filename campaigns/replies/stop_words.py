"""The words that by themselves stop, or bring back, and those that only look like them. Data, no rules."""

# Without any other word they mean our list.
_LEAVING = """
sair stop descadastrar descadastro descadastramento descadastre descadastra descadastrem
desinscrever desinscreva desinscricao remover remova remove removam unsubscribe end quit
"""
LEAVING = frozenset(_LEAVING.split())
# They may mean a treatment, a plan or a visit as well.
ENDING = frozenset(
    ["parar", "pare", "parem", "cancelar", "cancele", "cancela", "cancelem", "cancel"]
)
STOPS = LEAVING | ENDING
RETURNS = frozenset(["voltar", "start"])
# What a list of stop words promises; "cancela" may mean anything.
CANCELS = frozenset(["cancelar", "cancel"])
# One letter away from one of those, and another word.
_THEMSELVES = """
top pagar saiu parou parei parto parte votar voltei voltou volta soltar shop step removi cancelei
and
"""
THEMSELVES = frozenset(_THEMSELVES.split())
# Nobody knows what they mean alone.
DOUBTED = frozenset(["sai", "volta"])
# What may stand around "para" when it is the verb.
AROUND_PARA = frozenset(["agora", "ja", "ai", "com", "isso"])
