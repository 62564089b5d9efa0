import type { Lang } from './types'

const en = {
  open: 'Open chat', close: 'Close chat', chat: 'Chat', type: 'Type a message', send: 'Send', attach: 'Send a file or photo', place: 'Share my location',
  menu: 'Menu', back: 'Back', human: 'Talk to a person', more: 'More choices', less: 'Fewer choices', typing: 'is typing', bot: 'Assistant', you: 'You', source: 'Source',
  offline: 'Connection lost. What you write is kept and sent when it is back.', sending: 'Sending', failed: 'Not sent', retry: 'Try again', read: 'Read', sent: 'Sent',
  card: 'This is what we pass on', wants: 'What you want', edit: 'Change', remove: 'Do not pass on', save: 'Save', cancel: 'Cancel', skip: 'Skip',
  next: 'You are next', position: 'You are number {n} in line', wait: 'about {n} min', waitOne: 'less than a minute', waitUnknown: 'We cannot say yet how long it takes.',
  nobody: 'Nobody is at work right now. Leave your message here; you will be answered in this chat.',
  meanwhile: 'Meanwhile you can go on writing here; it will be read.', joined: '{name} is with you now', left: 'You are back in the line; you have not lost your place.',
  transferred: 'You are being passed on to a colleague.', closed: 'This conversation is closed.', again: 'Start a new conversation',
  rate: 'How did it go?', stars: '{n} of 5 stars', note: 'Anything to add? (optional)', rated: 'Thank you for rating.', rateSend: 'Send rating',
  unread: '{n} unread', today: 'Today', tooLarge: 'This file is larger than {n} MB.', badType: 'Files of this kind cannot be sent. Send a photo, a PDF or a document.', badFile: 'This file cannot be read.', noPlace: 'Your place could not be read. Type the address instead.',
  masked: 'Your answer is not stored.', lang: '中文', photo: 'Take a photo', confirmHint: 'Tap a line to change it', loadFailed: 'The chat could not be started.',
  cbAsk: 'Call me back', cbWhen: 'When', cbNow: 'As soon as it is my turn', cbLater: 'At a time I choose', cbTime: 'Choose a time within the next 14 days.', cbNumber: 'Your phone number, with country code', cbSame: 'We call the number you are calling from.',
  cbStay: 'Keep waiting', cbPromise: 'We will call you: {phone}', cbTurn: 'As soon as it is your turn.', cbAt: 'Not before {at}.', cbKept: 'You keep your place in line.', cbOver: 'You are no longer waiting.', cbHidden: 'Your number is hidden from us, so we cannot call you back.', cbFailed: 'That did not work. Please try again.',
  onCall: 'On the phone', callBegan: 'Call', callEnded: 'The call has ended', recorded: 'This call is recorded.',
  talk: 'Call', talkWhy: 'Your browser asks for the microphone. It is used for this call only.', talkDenied: 'The microphone is not allowed for this page. Allow it in the browser’s address bar and call again, or go on by writing.',
  talkMissing: 'No microphone was found. Connect one and call again, or go on by writing.', talkFailed: 'The call could not be connected. Try again, or go on by writing.', talkBusy: 'You are on the phone with us already.',
  calling: 'Connecting', onHoldNow: 'Please hold', inLine: 'Waiting for a person', mute: 'Mute', muted: 'Muted', unmute: 'Unmute', keypad: 'Keypad', video: 'Add video', videoOff: 'Stop video', hangUp: 'Hang up', noCamera: 'The camera could not be opened.', tapSound: 'Tap to hear',
}
type Strings = typeof en
const zh: Strings = {
  open: '打开对话', close: '关闭对话', chat: '对话', type: '输入消息', send: '发送', attach: '发送文件或照片', place: '分享我的位置',
  menu: '菜单', back: '返回', human: '人工服务', more: '更多选项', less: '收起', typing: '正在输入', bot: '智能助手', you: '您', source: '来源',
  offline: '连接已断开。您写的内容会保留，恢复后自动发送。', sending: '发送中', failed: '未发送', retry: '重试', read: '已读', sent: '已送达',
  card: '我们将转交以下内容', wants: '您的需求', edit: '修改', remove: '不转交此项', save: '保存', cancel: '取消', skip: '跳过',
  next: '下一位就是您', position: '您排在第 {n} 位', wait: '约 {n} 分钟', waitOne: '不到一分钟', waitUnknown: '暂时无法估计等候时间。',
  nobody: '目前没有客服在线。请在此留言，我们会在本对话中回复您。',
  meanwhile: '等候期间您可以继续输入，客服会看到。', joined: '{name} 正在为您服务', left: '您已回到队列，位置保留。',
  transferred: '正在为您转接同事。', closed: '本次对话已结束。', again: '开始新的对话',
  rate: '服务还满意吗？', stars: '{n} 星（共 5 星）', note: '还想说点什么？（选填）', rated: '感谢您的评价。', rateSend: '提交评价',
  unread: '{n} 条未读', today: '今天', tooLarge: '文件超过 {n} MB。', badType: '不支持发送此类文件，请发送照片、PDF 或文档。', badFile: '无法读取此文件。', noPlace: '无法获取您的位置，请直接输入地址。',
  masked: '您的回答不会被保存。', lang: 'English', photo: '拍照', confirmHint: '点按任意一行即可修改', loadFailed: '对话无法启动。',
  cbAsk: '请给我回电', cbWhen: '时间', cbNow: '轮到我时立即回电', cbLater: '选择回电时间', cbTime: '请选择 14 天以内的时间。', cbNumber: '您的电话号码（含国家代码）', cbSame: '我们将拨打您正在使用的号码。',
  cbStay: '继续等待', cbPromise: '我们将给您回电：{phone}', cbTurn: '轮到您时立即拨打。', cbAt: '不早于 {at}。', cbKept: '您的排队位置会保留。', cbOver: '您已不在排队中。', cbHidden: '您的号码未显示，我们无法回电。', cbFailed: '操作未成功，请重试。',
  onCall: '通话中', callBegan: '通话', callEnded: '通话已结束', recorded: '本次通话正在录音。',
  talk: '语音通话', talkWhy: '浏览器会请求使用麦克风，仅用于本次通话。', talkDenied: '此页面未获准使用麦克风。请在浏览器地址栏中允许后重新拨打，或继续用文字沟通。',
  talkMissing: '没有找到麦克风。请连接后重新拨打，或继续用文字沟通。', talkFailed: '通话未能接通。请重试，或继续用文字沟通。', talkBusy: '您已在与我们通话。',
  calling: '正在接通', onHoldNow: '请稍候', inLine: '正在等待人工服务', mute: '静音', muted: '已静音', unmute: '取消静音', keypad: '键盘', video: '打开视频', videoOff: '关闭视频', hangUp: '挂断', noCamera: '无法打开摄像头。', tapSound: '点按以收听',
}
const all: Record<Lang, Strings> = { en, zh }

export type Key = keyof Strings
export const texts = all

// t returns the text for key in lang with {placeholders} filled.
export function t(lang: Lang, key: Key, values: Record<string, string | number> = {}): string {
  return all[lang][key].replace(/\{(\w+)\}/g, (_, k: string) => String(values[k] ?? ''))
}
