// A short message centre for tests, over SMPP 3.4: takes every bind, gives every
// message a number, and reports it delivered. It is told and tells in JSON, one
// object a line.
//
//   node smsc.js PORT [DELAY]      DELAY of a receipt in milliseconds, 20 if left out
//
// On standard output:
//
//   {"event":"listening","port":2775}
//   {"event":"bound","mode":"bind_transceiver"}       {"event":"unbound"}
//   {"event":"submitted","id":"…","from":"…","to":"…","text":"…","coding":8,
//    "part":1,"parts":1,"series":0,"receipt":true,"validity":"2026-11-25T01:00:00.000Z"}
//   {"event":"taken","of":"reply"}                    the other side has a reply
//
// On standard input:
//
//   {"reply":{"from":"138…","to":"10690000","text":"1"}}
//   {"next":{"to":"138…","refuse":11}}                submit_sm_resp with this status
//   {"next":{"to":"138…","stat":"UNDELIV","err":"034"}}   this receipt
//   {"next":{"to":"138…","silent":true}}              no receipt at all
//
// "next" holds for the next message to a number, or, without "to", for the next.
'use strict'

const readline = require('readline')
const smpp = require('smpp')

const port = Number(process.argv[2])
const delay = Number(process.argv[3] || 20)
const sessions = new Set()
const plans = []
// Receipts of another centre's messages must not be taken for this one's.
const epoch = Date.now().toString(36)
let submitted = 0

const tell = (event) => process.stdout.write(JSON.stringify(event) + '\n')

const server = smpp.createServer((session) => {
  session.on('error', () => session.close())
  session.on('close', () => {
    if (sessions.delete(session)) tell({ event: 'unbound' })
  })
  for (const mode of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) {
    session.on(mode, (pdu) => {
      session.send(pdu.response({ system_id: 'smsc' }))
      session.receives = mode !== 'bind_transmitter'
      sessions.add(session)
      tell({ event: 'bound', mode })
    })
  }
  session.on('enquire_link', (pdu) => session.send(pdu.response()))
  session.on('unbind', (pdu) => session.send(pdu.response()))
  session.on('submit_sm', (pdu) => submit(session, pdu))
})

function submit(session, pdu) {
  const to = pdu.destination_addr
  const plan = planned(to)
  if (plan.refuse) {
    session.send(pdu.response({ command_status: plan.refuse }))
    return
  }
  const id = `${epoch}-${++submitted}`
  session.send(pdu.response({ message_id: id }))
  tell({
    event: 'submitted', id, from: pdu.source_addr, to, coding: pdu.data_coding,
    ...content(pdu.short_message), receipt: pdu.registered_delivery !== 0, validity: pdu.validity_period || undefined,
  })
  if (pdu.registered_delivery && !plan.silent) {
    setTimeout(report, delay, pdu, id, plan.stat || 'DELIVRD', plan.err || '000')
  }
}

function planned(to) {
  const at = plans.findIndex((plan) => !plan.to || to.endsWith(plan.to))
  return at < 0 ? {} : plans.splice(at, 1)[0]
}

// content is a part's text and its place, from the header of a long message
// (3GPP TS 23.040, 9.2.3.24.1).
function content(short) {
  const header = short.udh && short.udh.find((element) => element[0] === 0)
  const place = header ? { series: header[2], parts: header[3], part: header[4] } : { series: 0, parts: 1, part: 1 }
  const text = Buffer.isBuffer(short.message) ? short.message.toString('latin1') : short.message
  return { text: text || '', ...place }
}

// report sends a receipt as centres write it (SMPP 3.4, appendix B): it ends in
// the beginning of the message, of which nobody may make anything.
function report(pdu, id, stat, err) {
  const good = stat === 'DELIVRD' ? '001' : '000'
  const text = `id:${id} sub:001 dlvrd:${good} submit date:2611250801 done date:2611250802 ` +
    `stat:${stat} err:${err} text:stat:REJECTD err:999`
  deliver({ source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, short_message: text })
}

// deliver sends a text in the alphabet that phones use: GSM's own where it can,
// UCS-2 otherwise.
function deliver(pdu, done) {
  pdu.data_coding = smpp.encodings.ASCII.match(pdu.short_message) ? 0 : 8
  const session = [...sessions].find((one) => one.receives)
  if (session) {
    session.deliver_sm(pdu, done)
  } else {
    setTimeout(deliver, 100, pdu, done) // as a centre that tries again when there is a bind
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line)
  if (order.next) plans.push(order.next)
  if (order.reply) {
    const { from, to, text } = order.reply
    deliver({ source_addr: from, destination_addr: to, short_message: text }, () => tell({ event: 'taken', of: 'reply' }))
  }
}).on('close', () => process.exit(0))

server.on('error', (error) => {
  process.stderr.write(`smsc: ${error.message}\n`)
  process.exit(1)
})
server.listen(port, '127.0.0.1', () => tell({ event: 'listening', port: server.address().port }))
