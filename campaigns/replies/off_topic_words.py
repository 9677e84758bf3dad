"""What else people write to businesses about: things and deeds that are no message of ours. Data, no rules."""

# Clinics, brokers, shops and life; unaccented, in the singular.
THINGS = """
exame consulta consultinha visita pedido ligacao telefonema chamada agendamento horario horarinho boleto apolice
seguro plano remedio medicamento medicacao antibiotico dente siso ponto sangue resultado laudo receita atestado
procedimento cirurgia operacao sessao retorno encaixe carro moto casa trabalho servico emprego escola aula faculdade
hospital medico medica dentista fisio fisioterapia psicologo psicologa terapia nutricionista nutri pediatra gineco
ginecologista cardiologista dermatologista ortopedista oftalmo entrega motoboy encomenda vaga espera cotacao proposta
contrato parcela cartao debito fatura guia tratamento dor febre unha cabelo sobrancelha massagem drenagem limpeza botox
clareamento canal raio raiox radiografia ressonancia tomografia ultrassom ultra mamografia eletro hemograma biopsia
vacina injecao soro curativo gesso aparelho lente oculos verruga pinta cisto pedra vesicula rim utero diu
anticoncepcional pilula insulina dieta foto documento rg cpf cnh comprovante pix pagamento dinheiro valor preco taxa
multa nota recibo reembolso sinistro vistoria franquia guincho corretor corretora vidro batida colisao imovel aluguel
apartamento apto viagem passagem onibus transito chuva energia luz agua chefe patrao crianca bebe menina
menino cachorro gato pet banho tosa racao mesa reserva almoco jantar pizza
lanche comida marmita presente festa convidado evento matricula mensalidade academia treino curso prova duvida conta
cheque saude convenio carteirinha carencia dependente titular beneficiario imposto pericia orcamento peca
pneu oleo revisao veiculo produto compra loja roupa sapato tamanho cor modelo item troca devolucao garantia prazo
endereco pressao glicose diabetes jejum tosse gripe covid alergia coceira mancha acne ruga peeling laser depilacao cera
barba corte escova progressiva tintura manicure pedicure maquiagem penteado sonda cateter alta internacao uti leito
anestesia repouso muleta tala ferida cicatriz olho ouvido nariz garganta perna braco joelho coluna cabeca barriga
coracao reuniao recepcao secretaria terreno obra consorcio emprestimo financiamento indenizacao cobertura renovacao fila
senha fralda leite parto gravidez gestacao menstruacao coleta amostra urina fezes uber taxi metro estacionamento
caminhada boletim ocorrencia acidente pane porta tatuagem esmalte tecnico compromisso ferias
appointment order visit exam call meeting delivery policy reservation booking
"""

# Somebody of theirs: another object, but no other subject of the answer.
PERSONS = """
marido esposa esposo mae pai neto neta avo sogra sogro tia tio irma irmao filho filha sobrinho sobrinha namorado namorada motorista
"""

# Infinitives.
DEEDS = """
marcar remarcar agendar reagendar desmarcar perder pagar esperar atrasar comprar contratar renovar operar trocar viajar tomar
atender brigar discutir ligar telefonar fumar beber comer trabalhar dormir chorar sangrar andar correr amamentar consultar
examinar vacinar aplicar engordar emagrecer malhar treinar estudar dirigir estacionar buscar pegar levar entregar
consertar arrumar jogar alugar morar casar chover funcionar adiar antecipar confirmar comparecer demorar roncar
tossir assistir gastar parcelar negociar acompanhar
"""
# Deeds whose forms aren't made by rule.
DEED_FORMS = "fazer faz faco feito ir vir doer doi"
