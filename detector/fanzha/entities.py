"""Typed things that rules can ask for: codes, links, accounts, apps, chat ids, phones, id cards, money.

In: folded text (half-width digits, lower case, simplified characters). Out: Entities ordered by place; spans
in code points; entities of one kind never overlap, those of different kinds may. It never raises, resolves no
link and checks no number against the world: a 16-digit run may be a card or an order, the words beside it
decide.

A span covers the thing itself, not its label: the digits of a code, the id after 微信号, the name of an app.
Only 尾号1234 keeps its label, as four digits alone say nothing. Quantifiers are bounded; time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from fanzha.amounts import find_amounts


class EntityKind(StrEnum):
    """What was found; the names are those of the rule language (`<money>`, `<code>` …)."""

    MONEY = "money"
    CODE = "code"
    URL = "url"
    ACCOUNT = "account"
    APP = "app"
    IM_ID = "im_id"
    PHONE = "phone"
    ID_CARD = "id_card"


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing: `text` is text[start:end] of what was searched; offsets in code points."""

    kind: EntityKind
    start: int
    end: int
    text: str


# --- one-time codes ---
_CODE_LABEL = (
    "(?:验证码|校验码|动态码|动态密码|动态口令|短信码|短信密码|随机码|确认码|交易码|激活码|口令|验证 ?(?=[0-9]))"
)
# A code is no sum, no year and no time span: 验证码5分钟内有效.
_NOT_CODE_NEXT = "(?!元|块|万|年|月|分|秒|小时|天|日|号|次|个|位|条|[.,:][0-9])"
_SPOKEN_DIGITS = "零〇一二三四五六七八九幺"
_CODE = re.compile(
    rf"{_CODE_LABEL}[^0-9{_SPOKEN_DIGITS}。！？!?\n]{{0,12}}+"
    rf"(?P<after>[0-9]{{4,8}}+(?![0-9a-z]){_NOT_CODE_NEXT}"
    rf"|[{_SPOKEN_DIGITS}]{{4,8}}+(?![{_SPOKEN_DIGITS}十百千万元块]))"
    rf"|(?<![0-9a-z.])(?P<before>[0-9]{{4,8}}+)(?![0-9a-z]){_NOT_CODE_NEXT}"
    rf"(?=[^0-9。！？!?\n]{{0,8}}?{_CODE_LABEL})"
)
# 10086的验证码: the sender, not the code
_SENDER = re.compile("95[0-9]{3}|100[0-9]{2}|106[0-9]{1,5}|123[0-9]{2}|96110")

# --- links ---
_TLD = (
    "(?:com|cn|net|org|gov|edu|top|vip|xyz|cc|app|work|shop|info|icu|club|site|online|store|ltd|wang|pro|live|link|fun"
    "|tech|cloud|mobi|biz|asia|ink|ren|co|io|me|tk|ml|ga|cf|gq|tv|hk|tw|ws|pw|ly|im|la)"
)
_PATH = "(?::[0-9]{1,5})?(?:[/?#][!-~]{0,300}+)?"
_URL = re.compile(
    r"(?:https?|hxxps?)://[!-~]{1,300}+"
    rf"|(?<![a-z0-9@._/-])(?:[a-z0-9-]{{1,63}}+\.){{1,5}}{_TLD}(?![a-z0-9@-]){_PATH}"
    # 点 stands for the dot where someone hides a link: baidu点com
    rf"|(?<![a-z0-9@._/-])[a-z][a-z0-9-]{{1,62}}+点(?:com|cn|net|top|vip|xyz|cc)(?![a-z0-9@-]){_PATH}"
    # a full stop of the other script: icbc。com
    rf"|(?<![a-z0-9@._/-])[a-z0-9][a-z0-9-]{{1,62}}+[。·](?:com|cn|net|top|vip|xyz|cc)(?![a-z0-9@-]){_PATH}"
    "|[\\[【<〈《(（](?:网页|短|点击)?(?:链接|网址|url|link|http)[\\]】>〉》)）]"
    # What is left where somebody masked the link: 登录URL查询, 网址：xxxx
    r"|(?<![a-z0-9@._/-])(?:wap|www|m)?url(?![0-9]?[.:/=])[a-z0-9]{0,10}+(?![a-z0-9.@])"
    r"|(?<=链接|网址|网站|网页)[是为:： ]{0,2}+(?:[x*×]{3,40}+|http[s:/]*+)(?![a-z0-9])"
)
_URL_TAIL = ".,;:!?'\"`)]}>"

# --- accounts ---
_ID_CARD = re.compile(
    "(?<![0-9a-z])[1-9][0-9]{5}"
    "(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"  # born: year, month, day
    "[0-9]{3}[0-9x](?![0-9a-z])"
)
_CARD = re.compile(r"(?<![0-9a-z])(?<![0-9][ .-])[0-9](?:[ -]?[0-9]){14,18}+(?![ -]?[0-9a-z])")
# Cards begin with 3, 4, 5, 6 (62 UnionPay) or 9; company accounts, with any digit, need the word before them.
_CARD_START = re.compile("[34569]")
_ACCOUNT_LABEL = re.compile("(?:账号|帐号|账户|帐户|对公|户头|卡)[^0-9。！？\n]{0,12}$")
_OTHER_NUMBER_LABEL = re.compile("(?:单号|订单|运单|编号|流水|凭证|imei|序列号|案号|快递)[^0-9。！？，\n]{0,6}$")
_TAIL = re.compile(
    "(?<!手机)(?<!电话)(?<!号码)(?<!机号)(?<!机号的)(?<!尾号)(?<!单号)(?<!订单)(?<!运单)(?<!快递)(?<!证)(?<!证号)"
    "(?:尾号|尾数|末四位|后四位)(?:数字)?[是为的:： ]{0,3}+"
    f"(?:[0-9]{{4}}(?![0-9])|[{_SPOKEN_DIGITS}]{{4}}(?![{_SPOKEN_DIGITS}十百千万]))"
)

# --- chat ids ---
_WECHAT = "(?:[微薇威徽溦维]信|wei ?xin|wechat|v信|(?<![a-z0-9])(?:vx|wx|vxin)|(?:加|\\+|➕)[vw薇微威](?![a-z0-9]))"
_QQ = "(?:(?<![a-z0-9])q ?q|扣扣|蔻蔻|抠抠|企鹅|(?:加|\\+)[q扣]|q(?=群|号))"
_AFTER_IM = "(?:群)?(?:号码|账号|号|id)?[ :：是为搜加叫_—-]{0,4}+"
_IM_ID = re.compile(
    rf"(?:{_WECHAT}|(?<![a-z0-9])[vw](?=[:：]))(?P<mark>{_AFTER_IM})"
    r"(?P<wx>[a-z][a-z0-9_-]{5,19}+(?![a-z0-9_.@/])|[0-9]{5,12}+(?![0-9a-z元块万年月]))"
    rf"|(?:{_QQ}|群号){_AFTER_IM}(?P<qq>[1-9][0-9]{{4,11}}+(?![0-9a-z元块万年月]))"
)
# Latin words that follow 微信 without being anybody's id
_NOT_WX_ID = frozenset(("wechat", "weixin", "alipay", "zhifubao", "iphone", "android", "huawei", "taobao"))

# --- phones ---
_PHONE = re.compile(
    r"(?<![0-9a-z])(?:(?:\+|00)86[ -]?|86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])"
    r"|(?<![0-9a-z])400(?:[ -]?[0-9]){7}(?![0-9])"
    r"|(?<![0-9a-z.¥￥-])95[0-9]{3}(?:[0-9]{1,3})?(?![0-9a-z元块万个次年,]|\.[0-9]|多|余)"
)

# --- apps ---
_GET = "(?:下载|安装|装|打开|登录|登陆|注册|进入|搜索|搜|卸载)"
_LEAD = (
    "(?:一下|了|好|个|一个|一款|这个|那个|我们的?|咱们的?|公司的?|官方的?|叫做?|名为|名叫|您的?|你的?|手机上?的?"
    "|里的?|[ :：]){0,4}+"
)
_APP_WORD = "的?[ ]?(?:app(?![a-z])|软件|客户端|应用(?!商店|市场))"
_NAME = '(?!链接|网址|二维码|文件|图片|视频)[^《》“”"「」『』【】，。！？；\n]{1,20}'
# 打开浏览器下载云闪付app names 云闪付: a name holds no such verb
_BARE_NAME = "(?!app|的|[手该此]机?)(?:(?!下载|安装|打开|登录|注册|搜索|点击|链接)[\u4e00-\u9fffa-z0-9]){1,12}?"
# Latin names that need no app after them
_LATIN_APPS = ("whatsapp", "telegram", "zoom", "skype", "teamviewer", "anydesk")
_APP = re.compile(
    rf"《(?P<book>{_NAME})》{_APP_WORD}"
    rf"|[“\"「『【](?P<quoted>{_NAME})[”\"」』】]{_APP_WORD}"
    rf"|(?:下载|安装|打开){_LEAD}[《“\"「『【](?P<got>{_NAME})[》”\"」』】]"
    rf"|{_GET}{_LEAD}(?P<bare>{_BARE_NAME})的?[ ]?(?<!whats)app(?![a-z])"
    rf"|{_GET}{_LEAD}(?P<latin>{'|'.join(_LATIN_APPS)})(?![a-z])"
)


def find_entities(text: str, kinds: frozenset[EntityKind] | None = None) -> tuple[Entity, ...]:
    """Find the entities of `kinds` (None: all) in folded text, ordered by start, end and kind."""
    found = [
        Entity(kind, start, end, text[start:end])
        for kind, (needs, finder) in _FINDERS.items()
        if (kinds is None or kind in kinds) and needs(text)
        for start, end in finder(text)
    ]
    return tuple(sorted(found, key=lambda entity: (entity.start, entity.end, entity.kind)))


def _money(text: str) -> Iterator[tuple[int, int]]:
    for amount in find_amounts(text):
        yield amount.start, amount.end


def _codes(text: str) -> Iterator[tuple[int, int]]:
    for match in _CODE.finditer(text):
        group = "after" if match["after"] else "before"
        if group == "after" or not _SENDER.fullmatch(match[group]):
            yield match.span(group)


def _urls(text: str) -> Iterator[tuple[int, int]]:
    for match in _URL.finditer(text):
        start, end = match.span()
        if text[start] not in "[【<〈《(（":
            while end > start + 1 and text[end - 1] in _URL_TAIL:
                end -= 1
            while text[start] in "是为:： ":
                start += 1
        yield start, end


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    spans = [match.span() for match in _TAIL.finditer(text)]
    spans += [match.span() for match in _CARD.finditer(text) if _is_card(text, match)]
    yield from _apart(spans)


def _is_card(text: str, match: re.Match[str]) -> bool:
    """Whether 15 to 19 digits are a card: not an id card, not an order number."""
    before = text[max(0, match.start() - 20) : match.start()]
    if _ID_CARD.fullmatch(match[0]) or _OTHER_NUMBER_LABEL.search(before):
        return False
    return bool(_CARD_START.match(match[0]) or _ACCOUNT_LABEL.search(before))


def _im_ids(text: str) -> Iterator[tuple[int, int]]:
    for match in _IM_ID.finditer(text):
        if match["qq"]:
            yield match.span("qq")
        elif _is_wx_id(match["wx"], match["mark"]):
            yield match.span("wx")


def _is_wx_id(name: str, mark: str) -> bool:
    """微信 abc12345 and 微信号 abcdef are ids; letters alone need the mark 号 or a colon."""
    if name in _NOT_WX_ID:
        return False
    return bool(mark.strip()) or not name.isalpha()


def _apps(text: str) -> Iterator[tuple[int, int]]:
    for match in _APP.finditer(text):
        yield match.span(match.lastgroup or 0)


def _spans_of(pattern: re.Pattern[str]) -> Callable[[str], Iterator[tuple[int, int]]]:
    def spans(text: str) -> Iterator[tuple[int, int]]:
        for match in pattern.finditer(text):
            yield match.span()

    return spans


def _apart(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sort spans and drop those that overlap an earlier one."""
    floor = -1
    for start, end in sorted(spans):
        if start >= floor:
            yield start, end
            floor = end


def _any_of(*words: str) -> Callable[[str], object]:
    return re.compile("|".join(map(re.escape, words))).search


def _always(_text: str) -> bool:
    return True


def _holds_account(text: str) -> bool:
    return _has_digits(text) or "尾" in text or "四位" in text


_FOUR_DIGITS = re.compile("[0-9]{3}[0-9 -]")


def _has_digits(text: str) -> bool:
    return _FOUR_DIGITS.search(text) is not None


# Kind → what a text must hold to be worth the search (necessary, and far cheaper), and the search.
_FINDERS: dict[EntityKind, tuple[Callable[[str], object], Callable[[str], Iterator[tuple[int, int]]]]] = {
    EntityKind.MONEY: (_always, _money),
    EntityKind.CODE: (_any_of("码", "口令", "验证"), _codes),
    EntityKind.URL: (_any_of(".", "。", "·", "点", "http", "hxxp", "链接", "网", "url", "link"), _urls),
    EntityKind.ACCOUNT: (_holds_account, _accounts),
    EntityKind.APP: (_any_of("app", "《", "“", '"', "「", "『", "【", *_LATIN_APPS), _apps),
    EntityKind.IM_ID: (_any_of(*"信vwq扣抠蔻群业微薇威", "chat", "xin"), _im_ids),
    EntityKind.PHONE: (_has_digits, _spans_of(_PHONE)),
    EntityKind.ID_CARD: (_has_digits, _spans_of(_ID_CARD)),
}
