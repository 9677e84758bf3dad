// Words of the linking screens that only some accounts and some days see. English ones were seen live or stand in the
// page's code; of the others nobody outside WhatsApp knows the exact text.

import { settings } from "./words.js";

const ALL = {
  en: {
    stayLinked: "Stay logged in on this browser",
    tooManyAttempts: "Too many attempts. Try again later.",
    databaseError: "A database error occurred on your browser. Try clearing your browser's data.",
    codeExpired: "Code expired",
    newCode: "Get new code",
    retry: "Try again",
    country: "Country",
    passkeyTitle: "Quick security check with passkey",
    passkeyText: "Your account is protected with a passkey. Use it to link this device.",
    passkeyFailed: "Couldn't verify your passkey. Try again.",
    waitingTitle: "Continue on your phone",
    matchingTitle: "Confirm that this code matches the one on your phone",
    continue: "Continue",
    confirm: "The codes match",
    cancel: "Cancel",
  },
  pt: {
    stayLinked: "Continuar conectado neste navegador",
    tooManyAttempts: "Muitas tentativas. Tente novamente mais tarde.",
    databaseError: "Ocorreu um erro no banco de dados do seu navegador. Tente limpar os dados do navegador.",
    codeExpired: "Código expirado",
    newCode: "Receber novo código",
    retry: "Tentar novamente",
    country: "País",
    passkeyTitle: "Verificação rápida de segurança com chave de acesso",
    passkeyText: "Sua conta é protegida por uma chave de acesso. Use-a para conectar este aparelho.",
    passkeyFailed: "Não foi possível verificar sua chave de acesso. Tente novamente.",
    waitingTitle: "Continue no seu celular",
    matchingTitle: "Confirme se este código é igual ao do seu celular",
    continue: "Continuar",
    confirm: "Os códigos são iguais",
    cancel: "Cancelar",
  },
  es: {
    stayLinked: "Mantener la sesión iniciada en este navegador",
    tooManyAttempts: "Demasiados intentos. Inténtalo de nuevo más tarde.",
    databaseError: "Se produjo un error en la base de datos de tu navegador. Borra los datos del navegador.",
    codeExpired: "El código venció",
    newCode: "Obtener código nuevo",
    retry: "Reintentar",
    country: "País",
    passkeyTitle: "Comprobación rápida de seguridad con llave de acceso",
    passkeyText: "Tu cuenta está protegida con una llave de acceso. Úsala para vincular este dispositivo.",
    passkeyFailed: "No se pudo verificar tu llave de acceso. Inténtalo de nuevo.",
    waitingTitle: "Continúa en tu teléfono",
    matchingTitle: "Confirma que este código coincide con el de tu teléfono",
    continue: "Continuar",
    confirm: "Los códigos coinciden",
    cancel: "Cancelar",
  },
};

export const said = ALL[settings.language];
