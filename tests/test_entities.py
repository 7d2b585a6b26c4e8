"""Which typed things are found, and where they begin and end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.entities import Entity, EntityKind, find_entities

# kind → (text, what is cut out of it)
FOUND = {
    EntityKind.MONEY: [("给您打了18600元", "18600元"), ("一万二", "一万二")],
    EntityKind.CODE: [
        ("您的验证码是123456, 5分钟内有效", "123456"),
        ("把收到的验证码 8842 报给我", "8842"),
        ("065231（登录验证码）", "065231"),
        ("动态密码：88421903", "88421903"),
        ("验证码是一二三四五六", "一二三四五六"),
    ],
    EntityKind.URL: [
        ("点https://www.kefu-lipei.com/x?y=1。", "https://www.kefu-lipei.com/x?y=1"),
        ("打开http://a.b.cn/x，填一下", "http://a.b.cn/x"),
        ("登录 zfb-lipei.top 填资料", "zfb-lipei.top"),
        ("www.kefu.com.cn/path点击", "www.kefu.com.cn/path"),
        ("t.cn/a6xyz点击", "t.cn/a6xyz"),
        ("浏览器输入lipei点com", "lipei点com"),
        ("[链接]", "[链接]"),
        ("点这个<链接>", "<链接>"),
        ("【网页链接】", "【网页链接】"),
        ("请登陆URL查询兑换".lower(), "url"),
        ("登入我行wap网urlccbjf激活", "urlccbjf"),
        ("请登陆wapurl申请", "wapurl"),
        ("网址：xxxxxx注册", "xxxxxx"),
        ("打开这个链接***填写", "***"),
        ("登录icbcvv。com升级", "icbcvv。com"),
    ],
    EntityKind.ACCOUNT: [
        ("转到6222021234567890123", "6222021234567890123"),
        ("6222 0212 3456 7890 123", "6222 0212 3456 7890 123"),
        ("卡号6222-0212-3456-7890", "6222-0212-3456-7890"),
        ("对公账号：0200001234567890123", "0200001234567890123"),
        ("您尾号1234的储蓄卡", "尾号1234"),
        ("卡的后四位是八三四九", "后四位是八三四九"),
    ],
    EntityKind.APP: [
        ("下载《安逸花》app", "安逸花"),
        ("安装“会易通”软件", "会易通"),
        ("下载国家反诈中心app", "国家反诈中心"),
        ("安装一个叫做钱站的app", "钱站"),
        ("打开浏览器下载云闪付app", "云闪付"),
        ("下载“好分期”", "好分期"),
        ("打开zoom共享屏幕", "zoom"),
    ],
    EntityKind.IM_ID: [
        ("加我微信号kefu_2020", "kefu_2020"),
        ("微信：abcdefg", "abcdefg"),
        ("加v：kefu888", "kefu888"),
        ("加vx lipei2020", "lipei2020"),
        ("薇信lipei_01", "lipei_01"),
        ("加微信13812345678", "13812345678"),
        ("qq号123456789", "123456789"),
        ("qq群 87654321", "87654321"),
        ("扣扣：12345678", "12345678"),
    ],
    EntityKind.PHONE: [
        ("我的电话13812345678", "13812345678"),
        ("+86 138-1234-5678", "+86 138-1234-5678"),
        ("138 1234 5678", "138 1234 5678"),
        ("客服400-800-1234", "400-800-1234"),
        ("4008001234", "4008001234"),
        ("95588来电", "95588"),
    ],
    EntityKind.ID_CARD: [
        ("身份证110101199003071234", "110101199003071234"),
        ("11010119900307123x", "11010119900307123x"),
    ],
}

ABSENT = {
    EntityKind.MONEY: ["工号18600", "三点半"],
    EntityKind.CODE: ["验证码5分钟内有效", "验证码500元", "10086的验证码", "订单123456", "验证码。123456"],
    EntityKind.URL: ["jinwei@zod.com.cn", "3.5", "v1.2.3", "8点app推送", "curl命令", "url=x", "尺码xxx", "网址栏"],
    EntityKind.ACCOUNT: [
        "订单号6222021234567890",
        "身份证110101199003071234",
        "手机尾号1234",
        "快递单号尾号1234",
        "1234567890123456",
        "62220212345678901234567",
    ],
    EntityKind.APP: ["手机app", "下载app", "苹果apple", "《红楼梦》", "打开【链接】", "下载软件"],
    EntityKind.IM_ID: ["微信转500元", "微信支付", "微信wechat", "加微信", "qq音乐", "微信https://a.cn"],
    EntityKind.PHONE: ["95188元", "12812345678", "138123456789", "2019年"],
    EntityKind.ID_CARD: ["110101199013071234", "1101011990030712345", "6222021234567890"],
}


def cuts(text: str, kind: EntityKind) -> list[str]:
    return [found.text for found in find_entities(text, frozenset({kind}))]


@pytest.mark.parametrize(
    ("kind", "text", "cut"), [(kind, *case) for kind, cases in FOUND.items() for case in cases]
)
def test_finds(kind: EntityKind, text: str, cut: str) -> None:
    assert cuts(text, kind) == [cut]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ABSENT.items() for text in texts])
def test_does_not_find(kind: EntityKind, text: str) -> None:
    assert cuts(text, kind) == []


def test_every_kind_is_shown_above() -> None:
    assert set(FOUND) == set(ABSENT) == set(EntityKind)


def test_kinds_may_overlap_and_are_ordered_by_place() -> None:
    assert find_entities("退500元到微信13812345678") == (
        Entity(EntityKind.MONEY, 1, 5, "500元"),
        Entity(EntityKind.IM_ID, 8, 19, "13812345678"),
        Entity(EntityKind.PHONE, 8, 19, "13812345678"),
    )


def test_only_the_kinds_asked_for_are_found() -> None:
    text = "验证码123456, 赔186元"
    assert [found.kind for found in find_entities(text, frozenset({EntityKind.CODE}))] == [EntityKind.CODE]
    assert find_entities(text, frozenset()) == ()


PIECES = st.lists(
    st.sampled_from(
        [
            *"0123456789 -.:/@x《》“”[]。，a卡尾",
            *("验证码", "尾号", "账号", "微信", "qq", "加v", "下载", "app", "http://", ".com", "点com"),
            *("6222", "138", "400", "95", "元"),
        ]
    ),
    max_size=60,
).map("".join)


@given(st.one_of(PIECES, st.text(st.characters(codec=None, categories=None))))
def test_never_raises_and_spans_cut_the_text(text: str) -> None:
    found = find_entities(text)
    assert list(found) == sorted(found, key=lambda entity: (entity.start, entity.end))
    for entity in found:
        assert 0 <= entity.start < entity.end <= len(text)
        assert entity.text == text[entity.start : entity.end]


@given(PIECES)
def test_entities_of_one_kind_never_overlap(text: str) -> None:
    for kind in EntityKind:
        spans = [(entity.start, entity.end) for entity in find_entities(text, frozenset({kind}))]
        assert all(left[1] <= right[0] for left, right in pairwise(spans))


@given(PIECES)
def test_asking_for_all_kinds_is_asking_for_each(text: str) -> None:
    each = {entity for kind in EntityKind for entity in find_entities(text, frozenset({kind}))}
    assert set(find_entities(text)) == each
