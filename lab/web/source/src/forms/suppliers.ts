// The platform's credentials suppliers, which a plugin's schema names by $ref, as schemas of a chooser.
import { Schema } from '../engine/objects';

const PLATFORM = 'https://delphix.com/platform/api#/definitions/';

interface Kind {
  type: string;
  title: string;
  fields: string[];
}

const PASSWORD: Kind = { type: 'NamedPasswordCredential', title: 'User name and password', fields: ['username', 'password'] };
const KEYS: Kind = { type: 'NamedKeyPairCredential', title: 'User name and key pair', fields: ['username', 'publicKey', 'privateKey'] };
const VAULTS: Kind[] = [
  { type: 'CyberArkVaultCredential', title: 'CyberArk vault', fields: ['vault', 'queryString'] },
  { type: 'HashiCorpVaultCredential', title: 'HashiCorp vault', fields: ['vault', 'engine', 'path', 'usernameKey', 'secretKey'] },
  { type: 'AzureVaultCredential', title: 'Azure vault', fields: ['vault', 'azureVaultName', 'usernameKey', 'secretKey'] },
];
const KINDS: Record<string, Kind[]> = {
  credentialsSupplier: [PASSWORD, KEYS, ...VAULTS],
  passwordCredentialsSupplier: [PASSWORD, ...VAULTS],
  keyCredentialsSupplier: [KEYS, ...VAULTS],
};
const FIELDS: Record<string, Schema> = {
  username: { type: 'string', prettyName: 'User name' },
  password: { type: 'string', prettyName: 'Password', format: 'password' },
  publicKey: { type: 'string', prettyName: 'Public key' },
  privateKey: { type: 'string', prettyName: 'Private key', format: 'password' },
  vault: { type: 'string', prettyName: 'Vault', description: 'The vault as the engine knows it.' },
  queryString: { type: 'string', prettyName: 'Query', description: 'CyberArk query, e.g. Safe=Test;Folder=Root;Object=db.' },
  engine: { type: 'string', prettyName: 'Secrets engine' },
  path: { type: 'string', prettyName: 'Path of the secret' },
  azureVaultName: { type: 'string', prettyName: 'Name of the Azure vault' },
  usernameKey: { type: 'string', prettyName: 'Key of the user name' },
  secretKey: { type: 'string', prettyName: 'Key of the secret' },
};

/** Fields that not every kind has are seen with theirs only; all that is seen has to be filled. */
export function supplier(reference: string, required: boolean): Schema {
  const kinds = KINDS[reference.replace(PLATFORM, '')];
  if (!kinds) throw new Error(`The platform has no ${reference}`);
  const choices = kinds.map((kind) => ({ const: kind.type, title: kind.title }));
  const names = Object.keys(FIELDS).filter((name) => kinds.some((kind) => kind.fields.includes(name)));
  const fields = names.map((name) => {
    const holders = kinds.filter((kind) => kind.fields.includes(name)).map((kind) => kind.type);
    const hideExpression = `!model || !${JSON.stringify(holders)}.includes(model.type)`;
    return [name, { ...FIELDS[name], dxFormProperties: { hideExpression } }];
  });
  return {
    type: 'object',
    required: required ? ['type', ...names] : names,
    properties: {
      type: { type: 'string', prettyName: 'Kind', oneOf: choices, ...(required ? { default: choices[0].const } : {}) },
      ...Object.fromEntries(fields),
    },
  };
}
