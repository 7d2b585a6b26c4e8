/** The words for levels, stages, stances and scripts, in both languages. */

import { isEnglish, say, typeset } from "./language.js";

export const LEVELS = ["none", "low", "medium", "high", "critical"];
export const LEVEL_NAMES = {
  none: ["无", "none"],
  low: ["低", "low"],
  medium: ["中", "medium"],
  high: ["高", "high"],
  critical: ["极高", "critical"],
};
/** The stages in the order of the play, then those of the trade that feeds it. */
export const STAGES = {
  identity: ["冒充身份", "False identity"],
  hook: ["由头", "A pretext"],
  trust: ["报信息取信", "Wins trust"],
  channel: ["转移到私下渠道", "Private channel"],
  harvest: ["套取信息", "Takes secrets"],
  false_proof: ["伪造凭据", "False proof"],
  extract: ["要钱借贷", "Takes money"],
  pressure: ["催促恐吓", "Pressure"],
  goods: ["货物", "Goods"],
  deal: ["交易与价格", "Deal and price"],
  delivery: ["交付方式", "Delivery"],
  cash_out: ["洗钱与回款", "Cash-out"],
};
const STANCES = {
  asserted: ["陈述", "asserted"],
  asked: ["询问", "asked"],
  negated: ["否认", "negated"],
  warned: ["提醒", "a warning"],
  quoted: ["引述", "quoted"],
  refused: ["拒绝", "refused"],
  told: ["讲述", "a story"],
};
const HOWS = { exact: ["", ""], sound: ["同音字", "sounds alike"], damaged: ["缺字", "a character lost"], disguised: ["变体写法", "disguised"] };
const PARTIES = { self: ["我方", "you"], other: ["对方", "other side"], unknown: ["", ""] };
const ENTITIES = {
  money: ["金额", "Amount"],
  code: ["验证码", "Code"],
  url: ["链接", "Link"],
  account: ["账号", "Account"],
  app: ["软件", "App"],
  im_id: ["聊天号", "Chat id"],
  phone: ["电话", "Phone"],
  id_card: ["证件号", "ID number"],
};
const SCRIPTS = {
  unnamed: "a scam of mixed kinds",
  refund: "a fake refund by “customer service”",
  brushing: "paid fake tasks",
  investment: "a fake investment",
  loan: "a fake loan",
  credit_record: "“repair” of a credit record",
  authority: "fake police or officials",
  acquaintance: "a fake boss or friend",
  romance: "a romance scam",
  game: "a fake game trade",
  shopping: "a fake sale or service",
  emergency: "a fake emergency or blackmail",
  phishing_prize: "a prize or subsidy phish",
  phishing_bank: "bank or carrier phishing",
  sextortion: "sextortion",
  job: "a fake job",
  business_email: "business email fraud",
  recovery: "a second scam, “recovering” losses",
  account_risk: "a fake account alarm",
  parcel_fine: "a fake customs fine",
  card_trade: "trade in bank cards",
  wechat_accounts: "trade in WeChat accounts",
  qq_accounts: "trade in QQ accounts",
  data_trade: "trade in personal data",
  trojan: "trojans and remote control",
  gift_card_laundering: "laundering by gift cards",
  recharge_laundering: "laundering by top-ups",
  phishing_pages: "making of phishing pages",
  fake_receipts: "fake receipts",
  fraud_lines: "phone lines and leads for fraud",
  gray_market: "other black-market trade",
};

const named = (table, key) => (table[key] ? say(...table[key]) : key);

export const levelName = (level) => named(LEVEL_NAMES, level);
export const stageName = (stage) => named(STAGES, stage);
export const stanceName = (stance) => named(STANCES, stance);
export const howName = (how) => named(HOWS, how);
export const partyName = (party) => named(PARTIES, party);
export const entityName = (kind) => named(ENTITIES, kind);

/** What a script is called: by the rules in Chinese, by this page in English where it knows it. */
export function scriptName(id, title) {
  return isEnglish() && SCRIPTS[id] ? SCRIPTS[id] : `「${typeset(title ?? id ?? "")}」`;
}

/** “第 3 句”. Turns are counted from 0 inside and from 1 for people. */
export const turnName = (turn) => say("第 {n} 句", "turn {n}", { n: turn + 1 });

/** +1.60 or −0.40. */
export function signed(points, digits = 2) {
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(digits)}`;
}
