"""Phrases that are read as one word, or as nothing, before words are looked up. Data, no rules."""

# Said in the middle of anything without a change of thought.
PLEASE = r"""
    por favor|por gentileza|por obsequio|pfv?r?|please|ta bom|ta bem
    (?:bom|otimo|feliz|boa) (?:domingo|sabado|semana|fim de semana|final de semana|fds|feriado|natal|ano novo|trabalho|vida)
"""

# What stands for the word after the arrow; a pattern each line, one after the other.
FIXED = r"""
    \bdon['’´`]t\b → dont
    \bmeia (?=hora|noite)|\btud[oa] (?=bem|bom|certo|joia|otimo)|\bfazer parte\b →
    \bopta?[- ]?out\b|\bunsubscri\w{1,8}|\b(?:take|leave) me off\b|\bcancel subscription\b → descadastrar
    \b(?:dar|darme|dame|deme|dem?) (?:de )?baixa\b|\bd(?:ar|en)?(?:me)? de baja\b → descadastrar
    \bde novo\b|\boutra vez\b|\bde volta\b → novamente
    \be-mail → email
    \bmas (?=receb) → mais_
    \bnqr\b → nao quero
    \ba fim de\b → afim de
    \b(?:tinha|havia|tenho|ter) pedido\b → pedi
    \bfora (?=d[aeo]s?(?:s[ae]|t[ae])? (?:lista|grupo|cadastro|mailing|sistema|transmissao)) → sair_
    \b(?:na|no|ao|nap|nai|nau|ano) (?=q(?:ue|e)?ro|desejo|gostaria|me mand|mand[ea]m?\b|envi[ea]m?\b|autorizo|precisa\b|aceito) → nao_
    \b(?:na|no) (?=perturb|incomod|quiero|deseo|me |envi|mand) → nao_
    \bno more\b → nao mais
    \bany ?more\b → mais
    \b(?:dont|do not) text\b → nao send text
    \bentr(?:ar|e|em|arem) (?:mais )?em contato\b → contatem
    \bqm\b → quem
    \b(?:pit|non)[ -]?stop\b|\bstop[ -]?(?:motion|loss|car|light)\b → coisa
"""
