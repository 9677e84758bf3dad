// An unmodified Baileys, told what to do by JSON lines and telling what it hears by JSON lines.
// node baileys_client.mjs <baileys folder> <ws address> <root key> <folder of its credentials>
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, address, root, home] = process.argv.slice(2)
const baileys = await import(pathToFileURL(join(folder, 'lib', 'index.js')).href)
const pino = (await import(pathToFileURL(join(folder, '..', '..', 'pino', 'pino.js')).href)).default

const AGAIN = [408, 428, 515] // lost, closed, restart
const PENDING = 1
const tell = said => process.stdout.write(JSON.stringify(said) + '\n')
// The root is a constant of the library; its bytes are changed in this process only.
baileys.WA_CERT_DETAILS.PUBLIC_KEY.set(Buffer.from(root, 'hex'))
console.info = console.warn = console.log = () => {}

const { state, saveCreds } = await baileys.useMultiFileAuthState(home)
const logger = pino({ level: 'debug' }, pino.destination(join(home, 'log')))
let sock

function connect() {
	sock = baileys.makeWASocket({ auth: state, waWebSocketUrl: address, logger, keepAliveIntervalMs: 5000 })
	sock.ev.on('creds.update', saveCreds)
	sock.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
		if (qr) tell({ qr })
		if (connection === 'open') tell({ open: state.creds.me.id, lid: state.creds.me.lid })
		if (connection !== 'close') return
		const code = lastDisconnect?.error?.output?.statusCode
		tell({ closed: code })
		if (AGAIN.includes(code)) setTimeout(connect, 100)
	})
	sock.ev.on('messages.upsert', ({ messages, type }) => {
		for (const { key, message, status } of messages) {
			// What becomes of a message within the same breath is told with it, not as an update.
			if (key.fromMe && status !== PENDING && status !== undefined) tell({ id: key.id, status })
			const text = message?.conversation ?? message?.extendedTextMessage?.text
			if (text && type === 'notify') tell({ text, chat: key.remoteJid, id: key.id, mine: key.fromMe })
		}
	})
	sock.ev.on('messages.update', updates => {
		for (const { key, update } of updates) tell({ id: key.id, ...update })
	})
}

createInterface({ input: process.stdin }).on('line', async line => {
	const asked = JSON.parse(line)
	try {
		if (asked.code) tell({ code: await sock.requestPairingCode(asked.code) })
		if (!asked.to) return
		const [found] = await sock.onWhatsApp(asked.to)
		if (!found?.exists) return tell({ absent: asked.to })
		const sent = await sock.sendMessage(found.jid, { text: asked.text })
		tell({ sent: sent.key.id })
	} catch (error) {
		tell({ error: error.message })
	}
})
connect()
