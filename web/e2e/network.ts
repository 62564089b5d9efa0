// The far side of a trunk while no telephone has the line: it says that it is
// there, and that nobody can be reached.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export class Network {
  private constructor(private readonly socket: Socket) {}

  /** How calls are refused: 486 busy, 480 no answer, 404 no such number. */
  refuses = 480

  static async on(port: number): Promise<Network> {
    const socket = createSocket('udp4')
    const n = new Network(socket)
    socket.on('message', (b, from) => {
      const lines = b.toString().split('\r\n')
      const method = lines[0]!.split(' ')[0]!
      const kept = lines.filter((l) => /^(via|v|from|f|to|t|call-id|i|cseq):/i.test(l)).map((l) => (/^(to|t):/i.test(l) && !l.includes(';tag=') ? l + ';tag=far' : l))
      const say = (code: number) => socket.send([`SIP/2.0 ${code} Said`, ...kept, 'Content-Length: 0', '', ''].join('\r\n'), from.port, from.address)
      if (method === 'OPTIONS') say(200)
      if (method === 'INVITE') {
        say(180)
        setTimeout(() => say(n.refuses), 800)
      }
    })
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return n
  }

  async off() {
    this.socket.close()
    await once(this.socket, 'close')
  }
}
