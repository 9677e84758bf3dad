// Many accounts over an unmodified Baileys in one process, each with its multi-file store; asked and answering as
// blu.lab.bench.transport_alone.
// node baileys.mjs <baileys folder> <ws address> <root key> <folder of the stores>
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, address, root, home] = process.argv.slice(2)
const baileys = await import(pathToFileURL(join(folder, 'lib', 'index.js')).href)
const pino = (await import(pathToFileURL(join(folder, '..', '..', 'pino', 'pino.js')).href)).default

const AGAIN = [408, 428, 515] // lost, closed, restart
const tell = said => process.stdout.write(JSON.stringify(said) + '\n')
const logger = pino({ level: 'silent' })
const socks = new Map()
// The root is a constant of the library; its bytes are changed in this process only.
baileys.WA_CERT_DETAILS.PUBLIC_KEY.set(Buffer.from(root, 'hex'))
console.info = console.warn = console.log = console.error = () => {}

function connect(name, auth, saveCreds) {
	const sock = baileys.makeWASocket({ auth, waWebSocketUrl: address, logger })
	socks.set(name, sock)
	sock.ev.on('creds.update', saveCreds)
	sock.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
		if (qr) tell({ qr, of: name })
		if (connection === 'open') tell({ open: true, of: name })
		if (connection !== 'close') return
		const code = lastDisconnect?.error?.output?.statusCode
		if (AGAIN.includes(code)) setTimeout(() => connect(name, auth, saveCreds), 100)
		else tell({ open: false, of: name })
	})
}

async function send({ send: name, to, text }) {
	let failed = 0
	for (const number of to) {
		try {
			const [found] = await socks.get(name).onWhatsApp(number)
			await socks.get(name).sendMessage(found.jid, { text })
		} catch {
			failed++
		}
	}
	tell({ sent: name, failed })
}

createInterface({ input: process.stdin })
	.on('line', async line => {
		const asked = JSON.parse(line)
		if (asked.send) return send(asked)
		const { state, saveCreds } = await baileys.useMultiFileAuthState(join(home, asked.link))
		connect(asked.link, state, saveCreds)
	})
	.on('close', () => process.exit(0))
tell({ ready: true })
