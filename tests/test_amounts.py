"""What counts as a sum of money, how much it is, and what it is for."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.amounts import MAX_YUAN, Amount, Purpose, find_amounts

# text → what is cut out of it → yuan
FORMS = [
    # figures with a unit or a sign
    ("一共62块钱", "62块钱", 62),
    ("62块5", "62块5", 62.5),
    ("62块5毛", "62块5毛", 62.5),
    ("62块半吧", "62块半", 62.5),
    ("62元5角", "62元5角", 62.5),
    ("8毛钱", "8毛钱", 0.8),
    ("0.5元", "0.5元", 0.5),
    ("186 元", "186 元", 186),
    ("12,000元", "12,000元", 12000),
    ("12，000元", "12，000元", 12000),
    ("1,234,567.89元", "1,234,567.89元", 1234567.89),
    ("¥186.00", "¥186.00", 186),
    ("￥ 186", "￥ 186", 186),
    ("¥1.2万", "¥1.2万", 12000),
    ("rmb500", "rmb500", 500),
    ("300rmb", "300rmb", 300),
    ("人民币50,000元", "人民币50,000元", 50000),
    ("800元/月", "800元", 800),
    ("300多块", "300多块", 300),
    ("5000余元", "5000余元", 5000),
    ("500美元", "500美元", 3500),
    # figures with a scale
    ("4.9万", "4.9万", 49000),
    ("1.86万元", "1.86万元", 18600),
    ("1.2w", "1.2w", 12000),
    ("1w8", "1w8", 18000),
    ("5个w", "5个w", 50000),
    ("3k", "3k", 3000),
    ("5k左右", "5k", 5000),
    ("1万2", "1万2", 12000),
    ("1万2千", "1万2千", 12000),
    ("1万2千5", "1万2千5", 12500),
    ("1万2000", "1万2000", 12000),
    ("1万零500块", "1万零500块", 10500),
    ("3千5", "3千5", 3500),
    ("20多万块", "20多万块", 200000),
    ("20几万", "20几万", 200000),
    ("3亿元", "3亿元", 3e8),
    ("1亿2千万", "1亿2千万", 1.2e8),
    ("借20万3个月还", "20万", 200000),
    # spelled out
    ("六十二块", "六十二块", 62),
    ("六十二块五毛", "六十二块五毛", 62.5),
    ("一百二十块五", "一百二十块五", 120.5),
    ("一块五", "一块五", 1.5),
    ("一块钱", "一块钱", 1),
    ("五百块", "五百块", 500),
    ("一百八十六元", "一百八十六元", 186),
    ("一千零八块", "一千零八块", 1008),
    ("一千两百块", "一千两百块", 1200),
    ("三千八", "三千八", 3800),
    ("一万二", "一万二", 12000),
    ("一万二千", "一万二千", 12000),
    ("一万零五百", "一万零五百", 10500),
    ("一万八千六百块", "一万八千六百块", 18600),
    ("两万", "两万", 20000),
    ("两万五千块钱", "两万五千块钱", 25000),
    ("十万", "十万", 100000),
    ("三百五十万", "三百五十万", 3500000),
    ("一个亿", "一个亿", 1e8),
    ("三点五万", "三点五万", 35000),
    ("伍仟元整", "伍仟元", 5000),
    ("人民币伍万元整", "人民币伍万元", 50000),
    # about
    ("百八十块", "百八十块", 180),
    ("百来块", "百来块", 100),
    ("千把块", "千把块", 1000),
    ("两千多", "两千多", 2000),
    ("两千多万", "两千多万", 2e7),
    ("十来万", "十来万", 100000),
    ("二十几万", "二十几万", 200000),
    ("十几块", "十几块", 10),
    ("五六百块", "五六百块", 500),
    ("十五六万", "十五六万", 150000),
    ("几千块", "几千块", 1000),
    ("数万元", "数万元", 10000),
    ("上万元", "万元", 10000),
    # read out digit by digit
    ("幺八六零零块", "幺八六零零块", 18600),
    ("九八零零元", "九八零零元", 9800),
    # no unit, but money stands next to it
    ("打了18600", "18600", 18600),
    ("转18600", "18600", 18600),
    ("转给我18600就行", "18600", 18600),
    ("赔186", "186", 186),
    ("赔您一百八十六", "一百八十六", 186),
    ("是不是多了9800", "9800", 9800),
    ("额度20000", "20000", 20000),
    ("额度显示有20000", "20000", 20000),
    ("退回 6000", "6000", 6000),
    ("花了三百", "三百", 300),
    ("200押金", "200", 200),
    ("一年9600", "9600", 9600),
]

NOT_MONEY = [
    # words that hold numerals
    *(
        "一下",
        "一会儿",
        "万一",
        "一点",
        "十分",
        "一块去",
        "我们一块",
        "几块",
        "几块钱",
        "百万保障",
        "千万别转",
    ),
    *("千万要记住", "万科", "万达", "千兆", "百度", "十三香", "一五一十", "半斤八两", "一千零一夜", "三元桥"),
    # dates, times, shares, counted things
    *("2019年", "2019-03-05", "12月5日", "10:30", "三点半", "三点五十", "30%", "百分之三十", "三分之一"),
    *(
        "3天",
        "2小时",
        "20分钟",
        "8次",
        "两个",
        "3斤",
        "一件",
        "18岁",
        "3号楼",
        "一万二号楼",
        "2单元",
        "三千人",
    ),
    *(
        "一万个不愿意",
        "100w粉丝",
        "分12期",
        "借4张卡",
        "扣12分",
        "打八折",
        "打95折",
        "假一赔三",
        "退款3个工作日",
    ),
    *("三块蛋糕", "一块手表", "4k电视", "60w快充", "3kg"),
    # numbers that name something
    *("13812345678", "工号18600", "尾号是1234", "退款单号18600", "订单20190305123456", "验证码123456"),
    *(
        "转账验证码8888",
        "收到123456是验证码",
        "打12315",
        "打95588",
        "拨打10000",
        "v1.2.3",
        "1.2.3.4",
        "iphone13",
    ),
    # units that are none
    *("元旦", "18元旦", "一元二次方程", "单位：万元", "0元"),
    # no cue
    *("18600", "一百八十六", "付款时间2019", ""),
]

# the sum meant is the last in the text, unless cut short with |
PURPOSES = [
    ("62块钱的内衣", Purpose.PRICE),
    ("商品价格62元", Purpose.PRICE),
    ("我花了62块|买的", Purpose.PRICE),
    ("62块|买的", Purpose.PRICE),
    ("一件186元", Purpose.PRICE),
    ("订单金额是186元", Purpose.PRICE),
    ("快递丢了给您理赔186元", Purpose.CLAIM),
    ("三倍赔付, 也就是186元", Purpose.CLAIM),
    ("本来赔186", Purpose.CLAIM),
    ("退款186元", Purpose.CLAIM),
    ("我们会退还给您186元", Purpose.CLAIM),
    ("186块|的赔偿", Purpose.CLAIM),
    ("本来赔186, 打成了18600", Purpose.OVERPAID),
    ("财务多给您打了18600", Purpose.OVERPAID),
    ("多转了一万二", Purpose.OVERPAID),
    ("您看是不是多了9800", Purpose.OVERPAID),
    ("9800元|是多余的", Purpose.OVERPAID),
    ("麻烦您退回18600元", Purpose.TO_RETURN),
    ("您把18600元|转回公司账户", Purpose.TO_RETURN),
    ("请返还一万八", Purpose.TO_RETURN),
    ("借呗额度20000", Purpose.TO_BORROW),
    ("从备用金里提现5000元", Purpose.TO_BORROW),
    ("先借两万", Purpose.TO_BORROW),
    ("花呗里有5000元", Purpose.TO_BORROW),
    ("18600|的额度", Purpose.TO_BORROW),
    ("工资8000元", Purpose.OTHER),
    ("五百元的罚款", Purpose.OTHER),
    ("支付宝里有500元", Purpose.OTHER),
    ("这次理赔已经结束。另外交500元", Purpose.OTHER),
]


@pytest.mark.parametrize(("text", "cut", "yuan"), FORMS)
def test_reads_the_form(text: str, cut: str, yuan: float) -> None:
    assert [(text[found.start : found.end], found.yuan) for found in find_amounts(text)] == [(cut, yuan)]


@pytest.mark.parametrize("text", NOT_MONEY)
def test_is_not_money(text: str) -> None:
    assert find_amounts(text) == ()


@pytest.mark.parametrize(("marked", "purpose"), PURPOSES)
def test_knows_the_purpose(marked: str, purpose: Purpose) -> None:
    place = marked.find("|")
    text = marked.replace("|", "")
    found = [amount for amount in find_amounts(text) if place < 0 or amount.end <= place]
    assert found
    assert found[-1].purpose is purpose


def test_every_sum_of_a_sentence_has_its_own_purpose() -> None:
    text = "您62块钱的内衣我们赔您186, 财务多打了18600, 请把18414退回来"
    assert [(found.yuan, found.purpose.value) for found in find_amounts(text)] == [
        (62, "price"),
        (186, "claim"),
        (18600, "overpaid"),
        (18414, "to_return"),
    ]


def test_an_amount_is_a_span_in_code_points() -> None:
    assert find_amounts("😀赔186元") == (Amount(2, 6, 186.0, Purpose.CLAIM),)


def test_a_sum_is_capped() -> None:
    assert find_amounts("9999999999999亿元")[0].yuan == MAX_YUAN


def test_foreign_figures_and_lone_surrogates_are_passed_over() -> None:
    assert find_amounts("\ud800赔١٨٦\udfff") == ()


# Text that is mostly numerals, units and cues meets the readers far more often than any text does.
NUMERIC = st.text(
    st.sampled_from(
        "0123456789.,，点零〇一二两三五八九十百千万亿几数多来余个wk块元钱毛角半¥ 赔打转退借了的第号年a\ud800"
    )
)


@given(st.one_of(NUMERIC, st.text(st.characters(codec=None, categories=None))))
def test_never_raises_and_spans_are_ordered(text: str) -> None:
    floor = 0
    for found in find_amounts(text):
        assert floor <= found.start < found.end <= len(text)
        assert math.isfinite(found.yuan)
        assert 0 < found.yuan <= MAX_YUAN
        floor = found.end


@given(NUMERIC, st.integers(1, 40))
def test_a_sentence_of_its_own_does_not_change_its_neighbours(text: str, times: int) -> None:
    """Windows are bounded by the sentence, so that a long text costs the sum of its sentences."""
    one = [(found.yuan, found.purpose) for found in find_amounts(f"。\n\n\n{text}。")]
    many = [(found.yuan, found.purpose) for found in find_amounts(f"。\n\n\n{text}。" * times)]
    assert many == one * times


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("六千明早给你", 6000), ("八万六查到了", 86000), ("两千先打过来", 2000), ("一万你先转", 10000), ("给一百再见", 100)],
)
def test_a_sum_without_a_unit_may_run_into_what_is_done_with_it(text: str, yuan: float) -> None:
    assert [one.yuan for one in find_amounts(text)] == [yuan]


@pytest.mark.parametrize("text", ["三百发子弹", "走了三百米", "三百多人", "一百个人", "三千打工人"])
def test_what_is_counted_is_no_sum(text: str) -> None:
    assert find_amounts(text) == ()
