"""A rule pack of a few lines, so that tests of commands do not depend on what the bundled rules say today."""

from __future__ import annotations

TINY = """\
pack:
  id: tiny
  version: "1"
  title: 小规则
  base: -4.0
  levels: {low: 10, medium: 30, high: 60, critical: 95}
  stages: {hook: 由头, extract: 要钱}
  emergency: [马上打 110]

terms:
  parcel: {words: [快递, 包裹]}

guards:
  - {id: prohibit, words: [不要, 切勿]}

signals:
  - id: hook.lost
    title: 说快递丢了
    stage: hook
    weight: 2.0
    match: ["{parcel} …4 丢了"]
    why: 由头
    falsepositives: 真的丢了
    hits: [您的快递丢了, 包裹给弄丢了]
    misses: [快递到了, 钱包丢了]

  - id: ask.money
    title: 要转账
    stage: extract
    ask: true
    weight: 3.0
    match: ["转账 …4 过来"]
    why: 要钱
    falsepositives: 还钱
    hits: [您转账一下过来, 把钱转账过来]
    misses: [转账失败, 不要转账过来]

scripts:
  - id: tiny
    title: 小骗局
    summary: 说丢了再要钱
    fact: 丢了不用转钱
    uses: {hook: [hook.lost], extract: [ask.money]}
    next: {hook: [要您转账], extract: [再要一笔]}
    advice: [{level: medium, say: 先挂断}]
"""
# What TINY alerts on in its second turn: -4.0 + 2.0 + 3.0 = 1.0, which is 73 points.
SCAM = "客服: 您的快递丢了\n我: 啊\n客服: 请您转账一下过来\n"
BENIGN = "客服: 您好\n我: 你好\n"
