import { Checkbox, CopyButton, Button, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { getRedaction, previewRedaction, type RedactionAction, type RedactionType } from '@/api/redaction';
import { EmptyState } from '@/components/EmptyState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { builtIn, type Draft, emptyDraft, rulesOf, rulesYaml } from './redactionRules';
import classes from './settings.module.css';

const example = ['user john@example.com paid with 4111 1111 1111 1111', 'GET /login?user=a&password=hunter2 200', 'Authorization: Bearer 3f9a0c4be2d14ab7'].join('\n');

/** What is taken out of logs and spans before they are stored, and a place to try rules on pasted lines. */
export function Redaction() {
  const inForce = useQuery({ queryKey: ['redaction'], queryFn: ({ signal }) => getRedaction(signal) });
  const names = inForce.data?.rules.map((rule) => `${rule.name ?? rule.type}${rule.action === 'hash' ? ' (hashed)' : ''}`) ?? [];
  const [draft, setDraft] = useState(emptyDraft);
  const [text, setText] = useState(example);
  return (
    <Panel title="Redaction" aside={inForce.isSuccess && (names.length === 0 ? 'nothing is redacted' : `in force: ${names.join(', ')}`)}>
      <div className={classes.redaction}>
        <RuleForm draft={draft} onChange={setDraft} />
        <Textarea label="Lines to try it on" description="They are neither stored nor counted." autosize minRows={3} maxRows={12} classNames={{ input: classes.mono }} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Preview draft={draft} text={text} />
        <Yaml text={rulesYaml(rulesOf(draft))} />
      </div>
    </Panel>
  );
}

function RuleForm({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const setExpression = (index: number, change: Partial<Draft['expressions'][number]>) =>
    onChange({ ...draft, expressions: draft.expressions.map((one, i) => (i === index ? { ...one, ...change } : one)) });
  return (
    <>
      <Checkbox.Group label="What to take out" value={draft.types} onChange={(types) => onChange({ ...draft, types: types as RedactionType[] })}>
        <div className={classes.choices}>
          {builtIn.map(({ type, label, about }) => (
            <Checkbox key={type} value={type} label={label} description={about} />
          ))}
        </div>
      </Checkbox.Group>
      {draft.expressions.map((one, index) => (
        <div key={index} className={classes.row}>
          <TextInput aria-label={`Name of expression ${index + 1}`} placeholder="name" w={140} value={one.name} onChange={(event) => setExpression(index, { name: event.currentTarget.value })} />
          <TextInput aria-label={`Expression ${index + 1}`} placeholder="customer=(\d+)" flex={1} classNames={{ input: classes.mono }} value={one.expression} onChange={(event) => setExpression(index, { expression: event.currentTarget.value })} />
          <Button variant="subtle" onClick={() => onChange({ ...draft, expressions: draft.expressions.filter((_, i) => i !== index) })}>
            Remove
          </Button>
        </div>
      ))}
      <div className={classes.row}>
        <Button variant="default" onClick={() => onChange({ ...draft, expressions: [...draft.expressions, { name: `custom${draft.expressions.length + 1}`, expression: '' }] })}>
          Add expression
        </Button>
        <span className="dim">What is found is</span>
        <SegmentedControl
          aria-label="What is done with a find"
          data={[
            { value: 'mask', label: 'Masked' },
            { value: 'hash', label: 'Hashed' },
          ]}
          value={draft.action}
          onChange={(action) => onChange({ ...draft, action: action as RedactionAction })}
        />
      </div>
    </>
  );
}

function Preview({ draft, text }: { draft: Draft; text: string }) {
  const [asked] = useDebouncedValue({ rules: rulesOf(draft), lines: text === '' ? [] : text.split('\n') }, 250);
  const preview = useQuery({
    queryKey: ['redaction', 'preview', asked],
    queryFn: ({ signal }) => previewRedaction(asked.rules, asked.lines, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <QueryView query={preview} errorTitle="These rules cannot be tried" isEmpty={(answer) => answer.lines.length === 0} empty={<EmptyState title="No lines">Paste some above.</EmptyState>}>
      {(answer) => (
        <div>
          <p className={classes.finds}>{answer.rules.map(({ name, found }) => `${name}: ${found}`).join(', ') || 'no rules'}</p>
          <pre className={classes.lines} aria-label="Lines as they would be stored">
            {answer.lines.join('\n')}
          </pre>
        </div>
      )}
    </QueryView>
  );
}

function Yaml({ text }: { text: string }) {
  return (
    <div>
      <div className={classes.row}>
        <span className={classes.finds}>Put this into pharos.yml and reload:</span>
        <CopyButton value={text}>{({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
      </div>
      <pre className={classes.lines} aria-label="Configuration for these rules">
        {text}
      </pre>
    </div>
  );
}
