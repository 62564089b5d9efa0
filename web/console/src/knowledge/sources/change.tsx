import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { client } from "../../api/queries";
import { Button } from "../../ui/button";
import { Dialog, DialogBody, DialogFoot } from "../../ui/overlay";
import { Note, useErrorText } from "../../ui/state";
import { toast } from "../../ui/toast";
import { type Source, type SourceFields, sourceQuery, start } from "./api";
import { Drop } from "./drop";
import { Settings, siteForm, SiteFields, siteOf, uploadForm } from "./form";
import { Bar } from "./run";
import { send } from "./upload";

const changed = (s: Source) => {
  client.setQueryData(sourceQuery(s.id).queryKey, (now) => ({ ...s, last_run: s.last_run ?? now?.last_run }));
  void client.invalidateQueries({ queryKey: ["sources"] });
};

/** What a source is told, changed. It counts from the next run on. */
export function Edit({ source, onClose }: { source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [fields, setFields] = useState<SourceFields>({ name: source.name, playbook: source.playbook, lang: source.lang, audience: source.audience, publish: source.publish, gone: source.gone, schedule: source.schedule });
  const [site, setSite] = useState(siteForm(source.settings.site));
  const [failed, setFailed] = useState<string>();
  const [busy, setBusy] = useState(false);
  const save = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    try {
      changed(await api.put<Source>(`/api/sources/${source.id}`, { ...fields, lang: fields.lang || undefined, schedule: fields.schedule || undefined, ...(source.kind === "site" ? { site: { ...source.settings.site, ...siteOf(site) } } : {}) }));
      toast(t("done.saved"));
      onClose();
    } catch (err) {
      setFailed(text(err));
      setBusy(false);
    }
  };
  return (
    <Dialog open side onClose={onClose} title={t("sources.edit")} description={t("sources.edit_text")}>
      <form className="flex min-h-0 flex-1 flex-col" onSubmit={(e) => void save(e)}>
        <DialogBody className="!space-y-5">
          {source.kind === "site" && <SiteFields value={site} set={(c) => setSite((s) => ({ ...s, ...c }))} />}
          <Settings kind={source.kind} value={fields} set={(c) => setFields((f) => ({ ...f, ...c }))} />
          {failed && <Note meaning="breach">{failed}</Note>}
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" tone="primary" disabled={busy || !fields.name.trim()}>{t("common.save")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

/** New files in place of the old ones; a preview says what that would change. */
export function Replace({ source, onClose }: { source: Source; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [files, setFiles] = useState<File[]>([]);
  const [sent, setSent] = useState<number>();
  const [failed, setFailed] = useState<string>();
  const save = async (e: FormEvent) => {
    e.preventDefault();
    setFailed(undefined);
    setSent(0);
    try {
      changed(await send<Source>(`/api/sources/${source.id}/upload`, uploadForm({}, files), setSent));
      await start(source.id, "preview");
      onClose();
    } catch (err) {
      setFailed(text(err));
      setSent(undefined);
    }
  };
  return (
    <Dialog open wide onClose={onClose} title={t("sources.replace")} description={t("sources.replace_text")}>
      <form className="flex min-h-0 flex-1 flex-col" onSubmit={(e) => void save(e)}>
        <DialogBody>
          <Drop files={files} onChange={setFiles} text={t("sources.drop_files")} />
          {sent !== undefined && <Bar done={sent} total={1} label={t("sources.sending")} />}
          {failed && <Note meaning="breach">{failed}</Note>}
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" tone="primary" disabled={!files.length || sent !== undefined}>{sent !== undefined ? t("sources.sending") : t("sources.see_preview")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
