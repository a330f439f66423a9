// A Monaco editor with a policy half written and its completion open: what VS Code's YAML extension shows, too.
import * as monaco from 'monaco-editor'
import { configureMonacoYaml } from 'monaco-yaml'

window.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(label === 'yaml' ? 'yaml.worker.js' : 'editor.worker.js'),
}

const [schema, text] = await Promise.all([
  fetch('policy.schema.json').then((answer) => answer.json()),
  fetch('policy.yaml').then((answer) => answer.text()),
])
configureMonacoYaml(monaco, {
  completion: true, hover: true, validate: true,
  schemas: [{ fileMatch: ['**/*.yaml'], uri: 'https://example.com/policy.schema.json', schema }],
})
const model = monaco.editor.createModel(text, 'yaml', monaco.Uri.parse('file:///policies/checkout.yaml'))
window.editor = monaco.editor.create(document.getElementById('editor'), {
  model, theme: 'vs', fontSize: 15, minimap: { enabled: false }, scrollBeyondLastLine: false, automaticLayout: true,
  suggest: { showStatusBar: false, preview: false }, quickSuggestions: { other: true, comments: false, strings: true },
})
window.editor.focus()
