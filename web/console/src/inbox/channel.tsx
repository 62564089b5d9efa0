import { Globe, Mail, MessageCircle, MessageSquareText, Phone, Send, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";

const icons: Record<string, typeof Globe> = { webchat: Globe, email: Mail, sms: Smartphone, telegram: Send, wechat: MessageCircle, whatsapp: MessageSquareText, voice: Phone };
type Known = "webchat" | "email" | "sms" | "telegram" | "wechat" | "whatsapp" | "voice";

export function useChannel(): (channel: string) => string {
  const { t } = useTranslation();
  return (c) => (c in icons ? t(`channel.${c as Known}`) : c);
}

export function ChannelIcon({ channel, size = 12 }: { channel: string; size?: number }) {
  const name = useChannel()(channel);
  const Icon = icons[channel] ?? MessageSquareText;
  return (
    <span title={name} className="inline-flex shrink-0 items-center text-text-3">
      <Icon size={size} aria-hidden />
      <span className="sr-only">{name}</span>
    </span>
  );
}

export function ChannelName({ channel }: { channel: string }) {
  const name = useChannel()(channel);
  const Icon = icons[channel] ?? MessageSquareText;
  return (
    <span className="inline-flex items-center gap-1">
      <Icon size={12} aria-hidden />
      {name}
    </span>
  );
}
