"""Sums of money in Chinese text, and what each is said to be for.

In: folded text (half-width digits, lower case, simplified characters). Out: Amounts in the order of the text,
never overlapping: span in code points, value in yuan, purpose. It never raises, never takes a number without
a unit for a sum unless money stands next to it (打了18600 is one, 工号18600 is not), and never looks beyond
one sentence for the purpose.

Approximate sums carry their lower bound (二十几万 → 200000, 五六百块 → 500); foreign money is converted at
a rate good for its order of magnitude. Time is linear: one pass with possessive, bounded quantifiers, then
windows of fixed size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_YUAN = 1e12


class Purpose(StrEnum):
    """What a sum is said to be for; `other` where no cue stands near."""

    PRICE = "price"
    CLAIM = "claim"
    OVERPAID = "overpaid"
    TO_RETURN = "to_return"
    TO_BORROW = "to_borrow"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Amount:
    """One sum: [start, end) in code points with sign and unit, `yuan` in (0, 1e12]."""

    start: int
    end: int
    yuan: float
    purpose: Purpose


# --- cues: what a sum is for. A longer cue hides the shorter ones inside it (退还给您 hides 退还). ---
_PURPOSE_CUES: dict[Purpose | None, str] = {
    # "we paid you too much": 多给您打了18600; 打成了: 本来赔186打成了18600
    Purpose.OVERPAID: (
        "多打 多转 多付 多退 多赔 多给 多出 多了 多汇 多发 多拨 多补 多帮 多到账 多支付 打多 转多 付多 赔多 "
        "退多 给多 汇多 打成 转成 赔成 付成 退成 超额 多余 超出"
    ),
    # the victim is to send money back: 把18600退回来
    Purpose.TO_RETURN: (
        "退回 退还 返还 还回 转回 打回 汇回 交回 还给 退给 归还 还我 退我 退掉 退过来 退回来 退出来 转过来 "
        "打过来 还过来 原路返回"
    ),
    # the money is a credit line or is taken out of one: 借呗额度20000
    Purpose.TO_BORROW: (
        "借 贷 额度 提现 提出来 取出来 借出 备用金 借呗 花呗 微粒贷 白条 金条 网贷 信用贷 有钱花 安逸花 分付 预借 授信"
    ),
    # compensation and refunds towards the customer, in whatever words: 退还给您186
    Purpose.CLAIM: (
        "理赔 赔付 赔偿 赔 补偿 退款 补给 补您 退 退您 退你 退给您 退给你 退还您 退还你 退还给您 "
        "退还给你 返还您 返还给您 返还给你 退回您 退回给您 退回给你 退回到您 退回到你"
    ),
    # what a thing costs: 62块买的, 商品价格62元
    Purpose.PRICE: (
        "价格 价钱 买 卖 花 付 付款 支付 订单 金额 商品 货款 实付 单价 件 卖价 售价 原价 总价 到手价 价值 "
        "下单 购买 消费"
    ),
    # words that only look like cues: 卖家, 支付宝 pay nothing, 差不多了 is not too much
    None: (
        "买家 卖家 卖场 支付宝 支付密码 快件 邮件 软件 文件 条件 证件 附件 事件 花时间 花样 借口 借机 借此 "
        "差不多 很多 好多 不多 没多 退休 退出 退订 退化 付出 付费会员 订单号 转账金额 "
        "充值金额 投资金额 罚款金额"
    ),
}
# 62块钱的内衣: a sum directly before 的 and a thing is its price, unless another cue stands nearer. 一百元的
# 罚款, 五百元的转账 name no thing that is bought.
_PRICE_OF_GOODS = re.compile(
    "的(?=[\u4e00-\u9fff])(?!话|时候|钱|人|是|吗|吧|呢"
    "|[\u4e00-\u9fff]{0,3}(?:款|费|金|转账|汇款|交易|消费|充值|收入|工资|奖|红包|账|额|操作|记录|损失|投资))"
)
_GOODS_DISTANCE = 3
_CHARS_BEFORE, _CHARS_AFTER = 14, 10
# A cue that follows its sum, or stands beyond a comma, is as far again as this many characters.
_AFTER_PENALTY, _COMMA_PENALTY = 2, 3
_SENTENCE_END = re.compile("[。！？!?；;\n]")
_COMMA = re.compile("[，,、]")

# --- cues that make a bare number a sum. Between cue and number only fillers may stand: 额度显示有20000. ---
_BARE_CUE = (
    # paying, sending, taking
    "打|转|汇|付|批|拨|划|投|投入|投资|入金|垫|垫付|打赏|认购|预存|起投|最低|首笔|先放|你放|您放|先拿|放款|本来|原本|应该|只该|收到|显示|凭证|支付|扣|扣款|扣费|收|收取|存|充|充值|花|花掉|罚|罚款|欠|亏|赚|挣|骗|被骗|损失|缴"
    "|交|汇款|打款|转账|付款|给|补|减|"
    # compensation, refund, overpayment
    "赔|赔付|赔偿|理赔|补偿|退|退款|退还|退回|返还|转回|打回|归还|还我|还给|还了|多|多出|多余|少了|"
    # lending and limits
    "借|贷|借款|贷款|额度|限额|提现|取现|备用金|借呗|微粒贷|白条|金条|网贷|"
    # prices and balances
    "价格|价钱|价|卖|售|金额|实付|余额|总共|一共|合计|到账|入账|工资|月薪|月供|押金|定金|保证金"
    "|手续费|费用|运费|会员费|服务费|"
    # by the month: 一个月扣800, 一年9600
    "每月|一个月|每年|一年"
)
_FILLER = (
    "了|过|的|给|您|你|我们|我|他|她|到|是|为|有|就|出|来|去|回|款|金|额|钱|约|共|大概|差不多|显示"
    "|应该|实际|成|进|再|又|还|只|才|"
    "满|超|近|达|将|仅|各|上|下|扣|人民币|整|掉|[:： ]"
)
_CUE_BEFORE = re.compile(rf"(?:{_BARE_CUE})(?:{_FILLER}){{0,6}}$")
_CUE_AFTER = re.compile(
    " ?(?:的|块的)?(?:额度|赔款|赔偿|理赔|赔付|补偿|定金|订金|押金|现金|红包|转账|借款|贷款|运费"
    "|货款|退款|本金"
    "|保证金|钱(?!包)|退回|退还|返还|退给|退过来|转回|转过来|打回|打过来|还给|提现|提出来|取出来)"
)
# 工号18600, 尾号是1234, 验证码: 123456, 百分之三十, 第三千
_NAMED_NUMBER = re.compile(
    "(?:号|号码|码|扣扣|抠抠|编号|单|密码|口令|账户|卡|id|no\\.?|群|电话|热线|拨打|拨|致电|分机|版本|分之|第"
    "|房间|座|代码"
    "|[几四六]位数?|数字)(?:是|为|的|[:： #]){0,3}$"
)
# what is counted is not money: 三千人, 12期, 20分钟, 8折
_COUNTED = re.compile(
    " ?(?:个|次|票(?!款)|斤|件|岁|号|楼|年|月|日|天|点|小时|分(?!期|付)|秒|钟|米|公里|里(?!面|头|的)|度|步"
    "|人(?!民币)|名"
    "|位|条|张|台|部(?!分)|辆|倍|折|层|种|字|页|份|只(?!是|有|要|能|剩)|双|套|间|吨|克|瓶|箱"
    "|包(?!括|含|邮)|袋|盒|杯"
    "|颗|粒|匹|棵|片|届|期|遍|趟|场|顿|亩|平(?:方|米)|升|级|章|集|周|星期|路|线(?!下|上)|款(?!项)"
    "|本(?!来|金|人|次|应)|首(?!付|次|先)|毫|英|寸|兆|粉|积分|京豆|金币|后缀|分机|[%％℃°]|[-/:~：.—][0-9])"
    "|(?:是|为|就是|这个)?[^，。]{0,2}(?:验证码|校验码|动态码|密码|口令)"
)
# after a sum in 千, 万, w or k without a unit: the end, a mark, or a word that cannot be the thing counted
_SAFE_NEXT = re.compile(
    "$|[^\u4e00-\u9fffa-z0-9]|左右|以上|以下|以内|上下|多|的(?!粉|人)|了|吧|吗|呢|啊|呀|嘛|就|都|也|到|给|是"
    "|不|还|额度|现金|每|整|一个月|一月|才|过来|过去|出来|出去|进去|进来|起(?!码|来|床|义)|试|发回|退|转|打(?!人|工|扮|听)|明(?!年|显)|今(?!年)|查|先|再|我|你|您|提|充|投|还|借|交|付|汇|存|赔|收|本金|买你|赎|救|私了|打点|垫"
)
# watts, pixels, followers and tales: 60w快充, 4k屏, 一千零一夜
_NOT_MONEY_NEXT = re.compile(
    " ?\\+?(?:uhd|快充|充电|功率|灯|粉|浏览|播放|阅读|屏|电视|画质|高清|视频|分辨率|超清|显示器|夜|里长征)"
)
# numbers that people dial: 打12315, 打95588; round ones (95000, 10000) may be sums
_SERVICE_NUMBER = re.compile(
    "1(?:10|12|14|16|17|19|2[02])|123[0-9]{2}|95[0-9](?!00)[0-9]{2}|100(?!00)[0-9]{2}|96110|1118[35]"
)
_CALLED = re.compile(r"打(?:给)? ?$")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])")

# --- numbers ---
_DIGIT_FORMS = ("零〇", "一壹幺", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {char: value for value, chars in enumerate(_DIGIT_FORMS) for char in chars}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GREAT = {"万": 1e4, "亿": 1e8}
_SCALES = _TENS | _GREAT | {"百万": 1e6, "千万": 1e7, "w": 1e4, "k": 1e3}
# Foreign units: rates of 2025, to the order of magnitude only.
_UNITS = {
    **dict.fromkeys(("块钱", "块", "元钱", "元", "圆", "人民币", "rmb"), 1.0),
    **dict.fromkeys(("美元", "美金", "美刀", "usdt"), 7.0),
    "毛钱": 0.1,
    "欧元": 8.0,
    "英镑": 9.0,
    "港币": 0.9,
    "港元": 0.9,
    "日元": 0.05,
}
_D = "".join(_DIGITS)
_HAN = _D + "".join(_TENS) + "".join(_GREAT) + "几"
_X = f"[{_D}]{{1,2}}|[几数]"
_SECTION = re.compile(
    rf"(?P<thousands>(?:{_X}|^)[千仟])?[零〇]?(?P<hundreds>(?:{_X}|^)[百佰])?[零〇]?"
    rf"(?P<tens>(?:{_X})?[十拾])?[零〇]?(?P<units>{_X})?"
)
_FIGURES_REST = re.compile("零?([0-9]{1,4})(万?)")
_SPELLED = str.maketrans("0123456789", "零一二三四五六七八九")
# Where a number may start; a run that is none is passed over whole.
_START = re.compile(f"[0-9]++|数(?=[十百千万亿])|[{_HAN}]++")
# One number with its scale and unit. Every quantifier is bounded, runs are possessive and taken from their
# first character, so that nothing is read twice.
_NUMBER = re.compile(
    rf"""
    (?: (?<![0-9])(?<![0-9]\.)
        (?P<digits>(?:[0-9]{{1,3}}+(?:,[0-9]{{3}}|，000){{1,4}}+|[0-9]{{1,13}}+)(?:\.[0-9]{{1,6}}+)?+)
        (?!\.?[0-9])
      | (?<![{_HAN}])(?P<spoken>[{_D}十]{{1,3}}点[{_D}]{{1,3}}(?=[百千]?万|[亿千元块]))  # 三点五万
      | (?<![{_HAN}点])(?!万一(?!万))(?P<han>(?:数(?=[十百千万亿]))?[{_HAN}]{{1,16}}+)  # 一万八千六百
    )
    (?:[ ]?[几多来余]?(?P<scale>个?亿|[百千]?万|[十百千佰仟]|个?(?<![ ])w(?![a-z_])|(?<![ ])k(?![a-z0-9_]))
       (?P<rest>[0-9{_D}十百千万]{{1,8}}+(?!个月|年|天|期|月|日|居|室|[.,][0-9]))?)?
    (?:多(?![打转付退赔给出余汇发])|余(?![额下])|[来把几](?=[ ]?[块元])|好几(?=[块元]))?
    (?:[ ]?(?P<unit>{"|".join(sorted(_UNITS, key=len, reverse=True))}))?
    (?P<dime>(?<=[块元])
       (?: [{_D}0-9][毛角]
         | [1-9{_D[2:]}](?=$|[^\u4e00-\u9fff0-9a-z]|[的吧了呢啊就也都钱给还是我你])  # 62块5
         | 半(?![年月天个])))?
    """,
    re.VERBOSE,
)
_SIGN = re.compile(r"(?:[¥￥]|rmb|人民币)[:： ]{0,2}$")
# 元旦 and 元素 are no money; 一元二次, 三元桥
_NOT_YUAN = re.compile("[旦宵素件气月老神首朝代年芳]|[一二三]次|[里桥论法制化]")
# 一块去, 我们一块: together
_TOGETHER = re.compile("[去来走吃玩儿做干聊学住看上回坐过分]|弄|想|打游")
_OBJECT_OF_KUAI = re.compile(
    "(?:大|小|新|旧)?(?:手表|表|蛋糕|糖|砖|石|肉|屏|地(?!铁)|布|玻璃|电池|硬盘|木|板|豆腐|饼|牌"
    "|显卡|内存|巧克力|"
    "面包|香皂|肥皂|毛巾|金|玉|冰|骨|铁|区域|内容|业务)"
)
_ONLY_SCALE = re.compile("[万亿]+$")
_NEARLY = re.compile("[上近过成数逾约]$")


def find_amounts(text: str) -> tuple[Amount, ...]:
    """Find the sums in folded text, in order: 62块5 → 62.5, 三千八 → 3800, 1.2w → 12000."""
    return tuple(_amounts(text))


def _amounts(text: str) -> Iterator[Amount]:
    floor = 0
    for match in _numbers(text):
        value = _value(match)
        if not value:
            continue
        sign = _SIGN.search(text, max(floor, match.start() - 6), match.start())
        if not _is_money(text, match, value, signed=sign is not None):
            continue
        start = sign.start() if sign else match.start()
        yield Amount(start, match.end(), min(value, MAX_YUAN), _purpose(text, start, match.end()))
        floor = match.end()


def _numbers(text: str) -> Iterator[re.Match[str]]:
    start = _START.search(text)
    while start:
        match = _NUMBER.match(text, start.start())
        if match:
            yield match
        start = _START.search(text, (match or start).end())


# --- is it money? ---


def _is_money(text: str, match: re.Match[str], value: float, *, signed: bool) -> bool:
    before = text[max(0, match.start() - 16) : match.start()]
    after = text[match.end() : match.end() + 10]
    if match["unit"]:
        return _unit_holds(match, value, before, after)
    if signed:
        return True
    if _NAMED_NUMBER.search(before) or _COUNTED.match(after):
        return False
    cued = bool(_CUE_BEFORE.search(before) or _CUE_AFTER.match(after))
    if _has_scale(match):
        return _scaled_holds(match, before, after, cued=cued)
    return cued and _bare_holds(match, value, before, after)


def _unit_holds(match: re.Match[str], value: float, before: str, after: str) -> bool:
    """Whether the unit is one: 元 of 元旦, 块 of 一块去 and of 三块砖 are not."""
    number, unit = match[0], match["unit"]
    if match["digits"] and before.endswith("第"):
        return False
    if match["han"] and (before.endswith("第") or number.startswith("几" + unit)):
        return False
    if match["han"] and _ONLY_SCALE.match(match["han"]) and not _NEARLY.search(before):
        return False  # 单位: 万元
    if unit == "元":
        return not _NOT_YUAN.match(after)
    if unit != "块" or match["dime"]:
        return True
    if value < 20 and _OBJECT_OF_KUAI.match(after):
        return False
    return value > 1 or bool(_CUE_BEFORE.search(before) and not _TOGETHER.match(after))


def _has_scale(match: re.Match[str]) -> bool:
    return bool(re.search("[千仟万亿wk]", match["scale"] or match["han"] or ""))


def _scaled_holds(match: re.Match[str], before: str, after: str, *, cued: bool) -> bool:
    """两万, 1.2w, 三千八 without a unit: a sum unless something is counted."""
    han = match["han"] or ""
    if _NOT_MONEY_NEXT.match(after) or han[:1] in {"百", "佰", "千", "仟", "万", "亿"}:
        return False  # 百万保障, 千万别, 万科
    if match["digits"] and (re.search("[a-z_]$", before) or len(match["digits"].partition(".")[0]) > 7):
        return False
    if han.endswith("千万") and re.match("[别不要记]", after):
        return False
    if han[:1] in {"几", "数"}:
        return cued
    return cued or bool(_SAFE_NEXT.match(after))


def _bare_holds(match: re.Match[str], value: float, before: str, after: str) -> bool:
    """186 or 三百 next to a cue: not what is dialled, dated or spelled with letters."""
    digits = match["digits"]
    if digits is None:
        run = match["han"] or ""
        counted = match["scale"] or re.search("[十拾百佰]", run)  # 三五七 is read out: it needs a unit
        return value >= 20 and bool(counted) and run[:1] not in {"百", "佰", "几", "数"}
    if value < 10 or len(digits.partition(".")[0]) > 7 or (digits[0] == "0" and not digits.startswith("0.")):
        return False
    if re.search(r"[a-z_#@*][ ]?$|[0-9][-/:.~]$", before) or re.match(r"[a-z_#@*]", after):
        return False
    if _SERVICE_NUMBER.fullmatch(digits) or (digits == "10000" and _CALLED.search(before)):
        return False
    return not _DATE.fullmatch(digits)


# --- how much? ---


def _value(match: re.Match[str]) -> float | None:
    """Value in yuan, None where the characters are no number."""
    value = _base(match)
    if value is None:
        return None
    if match["scale"]:
        scale = _SCALES[match["scale"].removeprefix("个")]
        rest = _rest(match["rest"], scale) if match["rest"] else 0.0
        if rest is None:
            return None
        value = value * scale + rest
    if match["dime"]:
        dime = match["dime"][0]
        value += 0.5 if dime == "半" else _digit(dime) / 10
    return round(value * _UNITS.get(match["unit"] or "", 1.0), 6)


def _base(match: re.Match[str]) -> float | None:
    if match["digits"]:
        return float(match["digits"].replace(",", "").replace("，", ""))
    if match["spoken"]:
        whole, _, fraction = match["spoken"].partition("点")
        units = _han_value(whole)
        decimals = "".join(str(_digit(char)) for char in fraction)
        return None if units is None else units + float(f"0.{decimals}")
    run = match["han"]
    if len(run) > 1 and all(char in _DIGITS for char in run):
        return _read_out(run) if match["unit"] or match["scale"] else None
    return _han_value(run)


def _digit(char: str) -> int:
    return int(char) if char.isascii() else _DIGITS[char]


def _is_range(low: int, high: int) -> bool:
    """五六(百), 三五(百): the speaker names two neighbours."""
    return low > 0 and (high == low + 1 or (low, high) == (3, 5))


def _read_out(run: str) -> float | None:
    """Digit by digit: 幺八六零零 → 18600; but 三四 → 3, and 两 is never read out."""
    values = [_DIGITS[char] for char in run]
    if len(run) == 2 and _is_range(*values):
        return float(values[0])
    return None if "两" in run else float("".join(map(str, values)))


def _rest(rest: str, scale: float) -> float | None:
    """Read what follows a scale: 1万2, 1万2千, 1万2000 → 2000, 1亿2000万 → 2e7; None if not below it."""
    number = _FIGURES_REST.fullmatch(rest)
    if number and (len(rest) > 1 or rest == "0"):
        value: float | None = float(number[1]) * _GREAT.get(number[2], 1.0)
    else:
        value = _after_scale(rest.translate(_SPELLED), scale)
    return value if value is not None and value < scale else None


def _han_value(run: str) -> float | None:
    """Value of a spelled number, None if it is none: 一万八千六百, 三千八, 二十几万, 百八十, 五六百."""
    for mark, scale in (("亿", 1e8), ("万", 1e4)):
        head, found, tail = run.rpartition(mark)
        if found:
            value = _han_value(head) if head else 1.0
            rest = _after_scale(tail, scale)
            return None if value is None or rest is None else value * scale + rest
    return _section_value(run)


def _after_scale(tail: str, scale: float) -> float | None:
    """Read what follows 万 or 亿: nothing, one digit of the next lower place (一万二), or a number."""
    if not tail or tail == "几":
        return 0.0
    if len(tail) <= 2 and all(char in _DIGITS and char not in "零〇" for char in tail):
        figure = _figure(tail)
        return None if figure is None else figure * scale / 10
    return _han_value(tail)


def _section_value(run: str) -> float | None:
    """Value of a spelled number below 万."""
    section = _SECTION.fullmatch(run)
    if not section or not run:
        return None
    total, lowest = 0.0, 1.0
    for place, scale in (("thousands", 1000), ("hundreds", 100), ("tens", 10)):
        if section[place] is not None:
            figure = _figure(section[place][:-1] or "一")
            if figure is None:
                return None
            total, lowest = total + figure * scale, scale / 10
    units = section["units"]
    if units is None or (units == "几" and total):
        return total
    figure = _figure(units)
    if figure is None:
        return None
    return total + figure * (1.0 if run[-2:-1] in {"零", "〇"} else lowest)


def _figure(chars: str) -> int | None:
    """One figure, or two neighbours of which the lower counts; 几 and 数 are at least 1."""
    if chars in {"几", "数"}:
        return 1
    if len(chars) == 1:
        return _DIGITS[chars]
    low, high = (_DIGITS[char] for char in chars)
    return low if _is_range(low, high) else None


# --- what for? ---

_PURPOSE_OF = {cue: purpose for purpose, cues in _PURPOSE_CUES.items() for cue in cues.split()}
_CUE = re.compile("|".join(sorted(_PURPOSE_OF, key=len, reverse=True)))
_RANK = {purpose: rank for rank, purpose in enumerate(_PURPOSE_CUES)}


def _purpose(text: str, start: int, end: int) -> Purpose:
    """Choose the purpose whose cue stands nearest in the same sentence; before goes before after."""
    before = _SENTENCE_END.split(text[max(0, start - _CHARS_BEFORE) : start])[-1]
    after = _SENTENCE_END.split(text[end : end + _CHARS_AFTER], maxsplit=1)[0]
    found = [*_cues_before(before), *_cues_after(after)]
    if not found:
        return Purpose.OTHER
    return min(found, key=lambda item: (item[0], _RANK[item[1]]))[1]


def _cues_before(window: str) -> Iterator[tuple[int, Purpose]]:
    for cue in _CUE.finditer(window):
        purpose = _PURPOSE_OF[cue[0]]
        if purpose:
            yield len(window) - cue.end() + _commas(window[cue.end() :]), purpose


def _cues_after(window: str) -> Iterator[tuple[int, Purpose]]:
    if _PRICE_OF_GOODS.match(window):
        yield _GOODS_DISTANCE, Purpose.PRICE
    for cue in _CUE.finditer(window):
        purpose = _PURPOSE_OF[cue[0]]
        if purpose:
            yield cue.start() + _AFTER_PENALTY + _commas(window[: cue.start()]), purpose


def _commas(between: str) -> int:
    return _COMMA_PENALTY * len(_COMMA.findall(between))
