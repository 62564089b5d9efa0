// The customer API's shapes, as /openapi.json describes them.
export type Lang = 'en' | 'zh'
export type Verb = 'human' | 'back' | 'start' | 'cancel'

export interface Option { id: string; key?: string; label: string; hint?: string; icon?: string; nav?: boolean; pick?: { verb: string } }
export interface CardLine { label: string; value: string; edit?: Option }
export interface Card { title: string; subtitle?: string; image_url?: string; lines?: CardLine[] }
export interface Attachment { id: string; name: string; type: string; size: number; url: string }
export interface Location { lat: number; lon: number; label?: string }
export interface Input { slot: string; type: string; optional?: boolean; sensitive?: boolean; pattern?: string; min?: string; max?: string }
export interface Source { article_id: string; slug: string; title: string; version: number }
export interface Fact { key: string; label: string; value: string }
export interface HandOver { reason: string; wants: string; facts?: Fact[]; summary?: string[] }
export interface Place { position: number; wait: number; known: boolean; anyone_on: boolean }

export interface Content {
  text?: string; markdown?: boolean; options?: Option[]; menu?: string; card?: Card; attachments?: Attachment[]
  location?: Location; input?: Input; sources?: Source[]; masked?: boolean; command?: Verb
}
export interface Message {
  id: string; conversation_id: string; seq: number; content: Content; external_id?: string; at: string; delivery?: string; channel?: string
  author: { kind: 'customer' | 'bot' | 'agent' | 'system'; id?: string; name?: string }
}
export interface Event { conversation_id: string; seq?: number; kind: string; data?: unknown; at: string }
export interface StatusChange { from: string; to: string; reason?: string; agent?: { name?: string } }

export interface View {
  id: string; status: 'automated' | 'waiting' | 'offered' | 'assigned' | 'parked' | 'closed'; seq: number; lang: Lang
  agent?: { name: string }; place?: Place; hand_over?: HandOver; asking?: Input
  customer_seq: number; agent_seq: number; rating?: number
  channel?: string; call?: Call; on_hold?: OnHold; callback?: Callback
}
// The telephone call of the conversation, as its customer may see it.
export interface Call {
  call_id: string; state: 'ringing' | 'dialing' | 'menu' | 'queued' | 'talking' | 'ended'; direction?: 'in' | 'out'; since: string; answered?: string
  held?: boolean; recording?: string; parties?: { role: string; name?: string; state: string }[]; cause?: string
  saying?: string; listening?: boolean; keys?: number; spoken?: boolean; voicemail?: boolean; rev?: number
}
export interface OnHold { announce?: string; picture?: string; video?: string; callback?: boolean; voicemail?: boolean }
export interface Callback { phone: string; at?: string; tries?: number; result?: string }
export interface Session {
  token: string
  contact: { id: string; name: string; lang: Lang }
  conversation: View | null
  calls?: boolean
  brand: { title: string; accent: string; greeting: string; langs: Lang[] }
  limits: { text: number; file_bytes: number; file_types: string[] }
}
export interface ApiError { kind: string; code: string; message: string; field?: string }

// What the customer sends. client_id makes a repeat harmless.
export interface Outgoing {
  client_id: string; conversation?: string; text?: string; choice?: { message_id: string; option_id: string }
  command?: Verb; attachments?: string[]; location?: Location
}
// A message whose event has not come yet. label is what to show meanwhile; done:
// the server has it.
export interface Pending { out: Outgoing; label: string; error?: string; done?: boolean }

export type Frame =
  | { type: 'hello'; conversation: View | null; events?: Event[] }
  | { type: 'event'; event: Event }
  | { type: 'conversation'; conversation: View }
  | { type: 'ack'; client_id: string; message: Message; repeat?: boolean }
  | { type: 'error'; client_id?: string; error: ApiError }
  | { type: 'pong' }
