"""Which of our words are looked for behind a slip of one letter, and which everyday words are none. Data, no rules."""

# Infinitives, in the forms that may ask.
VERBS = """
remover retirar excluir apagar deletar eliminar bloquear descadastrar desinscrever cancelar cessar suspender interromper
mandar enviar receber incomodar perturbar desativar
"""
WORDS = """
mensagem mensagens propaganda promocao publicidade lembrete notificacao whatsapp cadastro contato numero celular
telefone autorizo autorizei consentimento autorizacao permissao interesse gostaria unsubscribe descadastro desejo revogo dispenso
"""
# Looked for only in an answer that says nothing otherwise.
SHORT = "sair stop parar pare parem tirar tira tire tirem nao naum quero mande mandem envie favor"

# Words that people use and that are one letter away from one of ours.
_THEMSELVES = """
cair caiu jair top shop step parte parto padre par park are part page mare care pre darem partem
virar atirar girar vira gira mira atira time tive tigre fire vire girl terem virem sao nas ano tao
vao mao dao pao cao neo anao nada manga banda mania panda made tara pura sara vara rara lara clara
fala no na tres ira tera tras mantem mendes aires pires irem dira mante tina nato said hair lira
fair tre nat vapor delta celula autoria acessar suspensa enfiar contado canela contamos liminar
suspense remota gostariam inumeros nesses contados contanto desejou deseje despejo dessem retina
mandarim cessao refira deleite revogou voto celulas pera anos pagar passar falar parei
"""
THEMSELVES = frozenset(_THEMSELVES.split())
